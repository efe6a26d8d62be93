//! The engine: everything of a run that is not I/O. It feeds actors, tracks every transaction and task,
//! and turns what actors want into [`Command`]s for a driver to carry out.

mod blocks;
mod doubt;
mod history;
mod inspect;
mod reads;
mod recheck;
mod status;
mod transactions;

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::map::{HashMap, HashSet};

use self::{doubt::Doubts, history::History, recheck::Rechecks};
use super::{Command, TxId, pending::PendingTransaction, registry::ActorRegistry, submissions::Submissions};
use crate::{
    actor::{Action, Input, Timer},
    protocol::{
        ActorId, Audit, Call, Contracts, Event, Invocation, Ledger, Model, ProtocolSchema, Query, Reply,
        Role, Rules, TaskKey,
    },
    record::{Record, Recorder, TaskOutcome, TxOutcome},
    time::Micros,
};

/// The engine of a run.
#[derive(Debug)]
pub struct Engine {
    protocol: &'static ProtocolSchema,
    contracts: Contracts,
    actors: ActorRegistry,
    ledger: Ledger,
    recorder: Recorder,
    pending: HashMap<TxId, PendingTransaction>,
    next_tx: TxId,
    submissions: Submissions,
    session_owner: HashMap<u64, ActorId>,
    /// Reads under way.
    reads: u64,
    /// Replies that came before the logs of their blocks.
    early_replies: Vec<(Query, Reply)>,
    /// Reads that are made again because they contradicted the events.
    rechecks: Rechecks,
    /// The moment of the latest tick.
    now: Micros,
    audit: Audit,
    /// How many reads failed, by reason.
    unread: BTreeMap<String, u64>,
    /// What the contracts must do; `None` where nothing is known of them.
    model: Option<Model>,
    /// Tasks and sessions that the latest block changed, where each block is looked at.
    touched: BTreeSet<TaskKey>,
    touched_sessions: BTreeSet<u64>,
    /// Whether the calls that nobody makes were tried.
    forbidden_tried: bool,
    /// The latest block's timestamp.
    timestamp: u64,
    setup_failure: Option<String>,
    last_submission: Micros,
    /// Events of the next block of which actors were notified before all of its logs came.
    notified_early: HashSet<Event>,
    /// The latest block of whose logs actors were notified before it was read.
    notified: Option<u64>,
    /// The events of that block, until it is read.
    heard: Vec<Event>,
    /// Events of blocks which are no longer the chain's, of which actors were notified.
    doubts: Doubts,
    /// Tasks whose results may have been read of such a block.
    unchecked: HashSet<TaskKey>,
    /// What can be undone; `None` where nothing ever is.
    history: Option<History>,
    /// Whether what the chain says at the end is being read.
    auditing: bool,
    /// Submissions in blocks that queued no task.
    without_task: u64,
    /// When the latest block was seen.
    last_block: Micros,
    /// Whether the load has begun.
    under_load: bool,
    /// Owners that submit no more.
    owners_done: usize,
    actions: Vec<Action>,
    commands: Vec<Command>,
}

impl Engine {
    /// An engine of `actors` on `contracts`, which records to `recorder`.
    #[must_use]
    pub fn new(actors: ActorRegistry, contracts: Contracts, recorder: Recorder) -> Self {
        Self {
            protocol: recorder.protocol(),
            contracts,
            submissions: Submissions::limited_by(actors.limiter().clone(), recorder.protocol()),
            actors,
            ledger: Ledger::default(),
            recorder,
            pending: HashMap::default(),
            next_tx: 0,
            session_owner: HashMap::default(),
            reads: 0,
            early_replies: Vec::new(),
            rechecks: Rechecks::default(),
            now: Micros::ZERO,
            audit: Audit::default(),
            unread: BTreeMap::new(),
            model: None,
            touched: BTreeSet::new(),
            touched_sessions: BTreeSet::new(),
            forbidden_tried: false,
            timestamp: 0,
            setup_failure: None,
            last_submission: Micros::ZERO,
            notified_early: HashSet::default(),
            notified: None,
            heard: Vec::new(),
            doubts: Doubts::default(),
            unchecked: HashSet::default(),
            history: None,
            auditing: false,
            without_task: 0,
            last_block: Micros::ZERO,
            under_load: false,
            owners_done: 0,
            actions: Vec::new(),
            commands: Vec::new(),
        }
    }

    /// Holds every transaction against what contracts that were deployed so must do.
    #[must_use]
    pub fn checked_by(self, rules: Rules) -> Self {
        Self {
            model: Some(Model::new(rules)),
            ..self
        }
    }

    /// The schema of the protocol that it drives.
    #[must_use]
    pub const fn protocol(&self) -> &'static ProtocolSchema {
        self.protocol
    }

    /// Gives every actor of a role the same input.
    pub fn notify_all(&mut self, role: Role, now: Micros, input: Input<'_>) {
        for actor in self.actors.all(role) {
            self.notify(actor, now, input);
        }
    }

    /// Gives some actors the same input.
    pub fn notify_each(&mut self, actors: &[ActorId], now: Micros, input: Input<'_>) {
        for actor in actors {
            self.notify(*actor, now, input);
        }
    }

    /// Lets the load begin: what is sent from now on is no setup any more.
    pub fn begin_load(&mut self, now: Micros) {
        self.under_load = true;
        self.recorder.load_begins(now);
        for role in [Role::ORACLE, Role::MINER, Role::OWNER] {
            self.notify_all(role, now, Input::Begin);
        }
    }

    /// Ends what goes on beside the load: every task is over.
    pub fn close_load(&mut self, now: Micros) {
        for role in [Role::MINER, Role::OWNER] {
            self.notify_all(role, now, Input::Close);
        }
    }

    /// A timer that was set for `at` expired.
    pub fn timer(&mut self, at: Micros, actor: ActorId, timer: Timer) {
        self.notify(actor, at, Input::Timer(timer));
    }

    /// Takes what the driver is to do next into `commands`, which is empty and becomes the room for what comes after.
    pub fn swap_commands(&mut self, commands: &mut Vec<Command>) {
        std::mem::swap(&mut self.commands, commands);
    }

    /// Registers a transaction that does nothing but use up a nonce; the driver sends it itself.
    pub fn fill_nonce(&mut self, actor: ActorId, now: Micros) -> (TxId, Invocation) {
        self.open(actor, Call::FillNonce, now)
    }

    /// Closes every record: whatever is still open is recorded as it stands.
    #[must_use]
    pub fn finish(mut self) -> Recorder {
        self.report_unread();
        self.give_up_waiting();
        let mut open: Vec<_> = std::mem::take(&mut self.pending).into_values().collect();
        open.sort_unstable_by_key(|pending| pending.id);
        for pending in open {
            if let Some(submission) = pending.submission
                && pending.notified.is_none()
            {
                self.never_queued(submission, TaskOutcome::Unfinished, None);
            }
            let reason = match pending.notified.or(pending.notified_early) {
                Some(block) => format!("in block {block}, which was not read when the run ended"),
                None if pending.sent.is_some() => "not in a block when the run ended".to_owned(),
                None => "never sent".to_owned(),
            };
            let mut record = pending.record(TxOutcome::Lost(reason), None, None, None);
            self.contracts
                .name_on_chain(&mut record.session, &mut record.task);
            self.recorder.record(&Record::Transaction(record));
        }
        for task in self.ledger.close_all() {
            if !task.phase.is_over()
                && let Some(mut record) = self.submissions.queued(&task)
            {
                self.contracts.name_on_chain(&mut None, &mut record.key);
                self.recorder.record(&Record::Task(record));
            }
        }
        for submission in self.submissions.open() {
            self.never_queued(submission, TaskOutcome::Unfinished, None);
        }
        self.recorder.offered(self.submissions.count());
        self.recorder
    }

    fn notify(&mut self, actor: ActorId, now: Micros, input: Input<'_>) {
        let mut actions = std::mem::take(&mut self.actions);
        self.actors.step(actor, now, input, &mut actions);
        for action in actions.drain(..) {
            match action {
                Action::Send { call, intended } => self.ask(actor, call, intended),
                Action::Read(query) => self.read([query].into_iter()),
                Action::SetTimer(at, timer) => {
                    if matches!(timer, Timer::Arrival | Timer::Start | Timer::Think(_)) {
                        self.last_submission = self.last_submission.max(at);
                    }
                    self.commands.push(Command::SetTimer(at, actor, timer));
                }
                Action::LoadOver => self.owners_done += 1,
            }
        }
        self.actions = actions;
    }

    /// Registers a transaction and has it sent; drops a task that may not be in flight beside those that are.
    fn ask(&mut self, actor: ActorId, call: Call, intended: Micros) {
        if let Call::Submit { session, .. } = call
            && !self.submissions.may_enter(actor)
        {
            let submission = self.submissions.enter(actor, intended);
            self.never_queued(submission, TaskOutcome::Dropped, None);
            self.notify(actor, intended, Input::Dropped { session });
            return;
        }
        if self.holds_back(actor, &call, intended) {
            return;
        }
        let (tx, invocation) = self.open(actor, call, intended);
        self.commands.push(Command::Send {
            tx,
            actor,
            invocation,
        });
    }

    fn open(&mut self, actor: ActorId, call: Call, intended: Micros) -> (TxId, Invocation) {
        let submission = self.submission_of(actor, &call, intended);
        self.open_of(actor, call, intended, submission)
    }

    /// The number of the task that a call submits, if it submits one: it is counted from here on.
    fn submission_of(&mut self, actor: ActorId, call: &Call, intended: Micros) -> Option<u64> {
        matches!(call, Call::Submit { .. }).then(|| {
            self.last_submission = self.last_submission.max(intended);
            self.submissions.enter(actor, intended)
        })
    }

    /// Registers a transaction that submits this task, if it submits one.
    fn open_of(
        &mut self,
        actor: ActorId,
        call: Call,
        intended: Micros,
        submission: Option<u64>,
    ) -> (TxId, Invocation) {
        let id = self.next_tx;
        self.next_tx += 1;
        let invocation = self.contracts.encode(&call);
        let from = self.actors.address(actor);
        let function = call.function();
        let phase = if self.under_load {
            function.phase_under_load()
        } else {
            function.phase()
        };
        let mut pending = PendingTransaction::new(id, actor, from, call, phase, submission, intended);
        pending.encoded_for = self.contracts.session_of(&pending.call);
        self.pending.insert(id, pending);
        (id, invocation)
    }

    /// Records a task that never came to be, where a block decided that on account of this one.
    fn never_queued(&mut self, submission: u64, outcome: TaskOutcome, block: Option<u64>) {
        if let Some(task) = self.submissions.never_queued(submission, outcome) {
            self.record(block, &Record::Task(task));
        }
    }

    fn record_violations(&mut self, block: Option<u64>) {
        let mut violations = self.ledger.take_violations();
        violations.extend(self.model.iter_mut().flat_map(Model::take_violations));
        for violation in violations {
            self.record(block, &Record::Violation(violation));
        }
    }

    /// Records what a block did, or what none can undo.
    fn record(&mut self, block: Option<u64>, record: &Record) {
        match block {
            Some(block) => self.recorder.record_in(block, record),
            None => self.recorder.record(record),
        }
    }
}

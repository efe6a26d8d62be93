//! The engine: everything of a run that is not I/O. It feeds actors, tracks every transaction and task,
//! and turns what actors want into [`Command`]s for a driver to carry out.

mod announce;
mod blocks;
mod doubt;
mod history;
mod inspect;
mod misbehaviour;
mod reads;
mod recheck;
mod route;
mod status;
mod transactions;

use std::collections::{BTreeMap, VecDeque};

use alloy::primitives::{B256, map::HashSet};

pub(super) use self::blocks::BlockHead;
use self::{
    doubt::Doubts,
    history::History,
    recheck::Rechecks,
    route::{Events, Routed},
};
use super::{
    Command, TxId, open_transactions::OpenTransactions, pending::PendingTransaction, registry::ActorRegistry,
    submissions::Submissions,
};
use crate::{
    protocol::{
        Action, ActorId, ChainState, DeployedContracts, Input, Invocation, Protocol, ProtocolCall,
        ProtocolSchema, ProtocolTimer, Role, TaskKey,
    },
    record::{Record, Recorder, TaskOutcome, TxOutcome},
    time::Micros,
};

/// The engine of a run.
#[derive(Debug)]
pub struct Engine<P: Protocol> {
    schema: &'static ProtocolSchema,
    contracts: P::Contracts,
    actors: ActorRegistry<P>,
    /// What the events of all blocks come to.
    state: P::State,
    recorder: Recorder,
    pending: OpenTransactions<P>,
    next_tx: TxId,
    submissions: Submissions,
    /// Reads under way, and those that wait.
    reads: u64,
    /// Reads of the outcome of tasks whose end is not entered yet: its block is being read.
    early_reads: Vec<P::Query>,
    /// Reads that are made again because they contradicted the events.
    rechecks: Rechecks<P>,
    /// The moment of the latest tick.
    now: Micros,
    /// How many reads failed, by reason.
    unread: BTreeMap<String, u64>,
    setup_failure: Option<String>,
    /// How often actors could not do what they were to do, by reason.
    not_acted: BTreeMap<String, u64>,
    last_submission: Micros,
    /// Events of the next block of which actors were notified before all of its logs came, by their place in it.
    early: BTreeMap<u64, Routed<P>>,
    /// The latest block whose logs were entered.
    entered: Option<u64>,
    /// Whether transactions of that block were entered after its logs: those that wrote none.
    entered_late: bool,
    /// The events of that block by transaction, until its receipts come.
    without_receipts: VecDeque<(B256, Events<P>)>,
    /// Events of blocks which are no longer the chain's, of which actors were notified.
    doubts: Doubts<P>,
    /// Tasks whose results may have been read of such a block.
    unchecked: HashSet<TaskKey>,
    /// What can be undone; `None` where nothing ever is.
    history: Option<History<P>>,
    /// Whether what the chain says at the end is being read.
    auditing: bool,
    /// Submissions in blocks that queued no task.
    without_task: u64,
    /// When the latest block was seen.
    last_block: Micros,
    /// Whether the load has begun.
    under_load: bool,
    /// Actors that submit no more.
    done_submitting: usize,
    actions: Vec<Action<P>>,
    concerned: Vec<ActorId>,
    commands: Vec<Command<P>>,
    /// The actors that read the mempool.
    readers: Vec<ActorId>,
    /// The role whose actors submit tasks, once one has.
    submitters: Option<Role>,
}

impl<P: Protocol> Engine<P> {
    /// An engine of `actors` on `contracts`, which keeps what their events come to in `state` and records to `recorder`.
    #[must_use]
    pub fn new(
        actors: ActorRegistry<P>,
        contracts: P::Contracts,
        state: P::State,
        recorder: Recorder,
    ) -> Self {
        let schema = contracts.schema();
        Self {
            schema,
            contracts,
            submissions: Submissions::limited_by(actors.limiter().clone(), schema),
            readers: actors.mempool_readers(schema),
            submitters: None,
            actors,
            state,
            recorder,
            pending: OpenTransactions::default(),
            next_tx: 0,
            reads: 0,
            early_reads: Vec::new(),
            rechecks: Rechecks::default(),
            now: Micros::ZERO,
            unread: BTreeMap::new(),
            setup_failure: None,
            not_acted: BTreeMap::new(),
            last_submission: Micros::ZERO,
            early: BTreeMap::new(),
            entered: None,
            entered_late: false,
            without_receipts: VecDeque::new(),
            doubts: Doubts::default(),
            unchecked: HashSet::default(),
            history: None,
            auditing: false,
            without_task: 0,
            last_block: Micros::ZERO,
            under_load: false,
            done_submitting: 0,
            actions: Vec::new(),
            concerned: Vec::new(),
            commands: Vec::new(),
        }
    }

    /// The schema of the protocol that it drives.
    #[must_use]
    pub const fn schema(&self) -> &'static ProtocolSchema {
        self.schema
    }

    /// Gives every actor of a role the same input.
    pub fn notify_all(&mut self, role: Role, now: Micros, input: Input<'_, P>) {
        for actor in self.actors.directory().all(role) {
            self.notify(actor, now, input);
        }
    }

    /// Lets the next stage of setup begin; `false` if there is none left.
    pub(super) fn set_up(&mut self, stage: usize, now: Micros) -> bool {
        let Some(stage) = self.actors.setup_stage(stage) else {
            return false;
        };
        for actor in stage {
            self.notify(actor, now, Input::SetUp);
        }
        true
    }

    /// Lets the load begin: what is sent from now on is no setup any more. Those that answer begin before those that ask.
    pub fn begin_load(&mut self, now: Micros) {
        self.under_load = true;
        self.recorder.load_begins(now);
        for role in self.schema.roles.iter().rev() {
            self.notify_all(*role, now, Input::Begin);
        }
    }

    /// Ends what goes on beside the load: every task is over.
    pub fn close_load(&mut self, now: Micros) {
        for role in self.schema.roles.iter().rev() {
            self.notify_all(*role, now, Input::Close);
        }
    }

    /// A timer that was set for `at` expired.
    pub fn timer(&mut self, at: Micros, actor: ActorId, timer: P::Timer) {
        self.notify(actor, at, Input::Timer(timer));
    }

    /// Takes what the driver is to do next into `commands`, which is empty and becomes the room for what comes after.
    pub fn swap_commands(&mut self, commands: &mut Vec<Command<P>>) {
        std::mem::swap(&mut self.commands, commands);
    }

    /// Registers a transaction that does nothing but use up a nonce; the driver sends it itself.
    pub fn fill_nonce(&mut self, actor: ActorId, now: Micros) -> (TxId, Invocation) {
        self.open(actor, P::Call::filler(self.schema), now)
    }

    /// Closes every record: whatever is still open is recorded as it stands.
    #[must_use]
    pub fn finish(mut self) -> Recorder {
        self.report_unread();
        for (reason, count) in &self.not_acted {
            tracing::warn!("{count} times an actor could not act: {reason}");
        }
        self.give_up_waiting();
        for pending in std::mem::take(&mut self.pending).into_values() {
            if let Some(submission) = pending.submission
                && pending.in_block.is_none()
            {
                self.never_queued(submission, TaskOutcome::Unfinished, None);
            }
            let reason = match pending.in_block {
                Some(block) => format!("in block {block}, which was not read when the run ended"),
                None if pending.cancelled.is_some() => pending.cancelled.clone().unwrap_or_default(),
                None if pending.sent.is_some() => "not in a block when the run ended".to_owned(),
                None => "never sent".to_owned(),
            };
            let mut record = pending.record(TxOutcome::Lost(reason), None, None, None);
            self.contracts
                .name_on_chain(&mut record.session, &mut record.task);
            self.recorder.record(&Record::Transaction(record));
        }
        for task in self.state.close_all() {
            if !task.phase.is_over()
                && let Some(mut record) = self.submissions.on_chain(&task)
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

    fn notify(&mut self, actor: ActorId, now: Micros, input: Input<'_, P>) {
        let mut actions = std::mem::take(&mut self.actions);
        self.actors.step(actor, now, input, &self.state, &mut actions);
        for action in actions.drain(..) {
            match action {
                Action::Send { call, intended } => self.ask(actor, call, intended),
                Action::Announce { call, intended } => self.announce(actor, &call, intended),
                Action::Misbehave {
                    call,
                    edited,
                    intended,
                    misdeed,
                    place,
                } => self.misbehave(actor, call, edited, intended, (misdeed, place)),
                Action::Read(query) => self.read([query]),
                Action::SetTimer(at, timer) => {
                    if timer.submits() {
                        self.last_submission = self.last_submission.max(at);
                    }
                    self.commands.push(Command::SetTimer(at, actor, timer));
                }
                Action::LoadOver => self.done_submitting += 1,
                Action::CannotAct {
                    intended,
                    submits,
                    reason,
                } => self.cannot_act(actor, intended, submits, reason),
            }
        }
        self.actions = actions;
    }

    /// Registers a transaction and has it sent; drops a task that may not be in flight beside those that are.
    fn ask(&mut self, actor: ActorId, call: P::Call, intended: Micros) {
        if self.drops(actor, &call, intended) || self.holds_back(actor, &call, intended) {
            return;
        }
        let (tx, invocation) = self.open(actor, call, intended);
        self.commands.push(Command::Send {
            tx,
            actor,
            invocation,
        });
    }

    /// Drops a task that may not be in flight beside those that are; whether it does.
    fn drops(&mut self, actor: ActorId, call: &P::Call, intended: Micros) -> bool {
        if !call.submits_task() || self.submissions.may_enter(actor) {
            return false;
        }
        let submission = self.submissions.enter(actor, intended);
        self.never_queued(submission, TaskOutcome::Dropped, None);
        let session = call.session().unwrap_or_default();
        self.notify(actor, intended, Input::Dropped { session });
        true
    }

    /// An actor could not do what it was to do. A task that it was to submit has failed.
    fn cannot_act(&mut self, actor: ActorId, intended: Micros, submits: bool, reason: String) {
        if submits {
            self.last_submission = self.last_submission.max(intended);
            let submission = self.submissions.enter(actor, intended);
            self.never_queued(submission, TaskOutcome::Failed(reason.clone()), None);
        }
        if !self.under_load {
            self.setup_failure
                .get_or_insert_with(|| format!("{actor}: {reason}"));
        }
        let count = self.not_acted.entry(reason).or_default();
        *count += 1;
    }

    fn open(&mut self, actor: ActorId, call: P::Call, intended: Micros) -> (TxId, Invocation) {
        let submission = self.submission_of(actor, &call, intended);
        self.open_of(actor, call, intended, submission)
    }

    /// The number of the task that a call submits, if it submits one: it is counted from here on.
    fn submission_of(&mut self, actor: ActorId, call: &P::Call, intended: Micros) -> Option<u64> {
        call.submits_task().then(|| {
            self.last_submission = self.last_submission.max(intended);
            self.submitters = Some(actor.role);
            self.submissions.enter(actor, intended)
        })
    }

    /// Registers a transaction that submits this task, if it submits one.
    fn open_of(
        &mut self,
        actor: ActorId,
        call: P::Call,
        intended: Micros,
        submission: Option<u64>,
    ) -> (TxId, Invocation) {
        let id = self.next_tx;
        self.next_tx += 1;
        let invocation = self.contracts.encode(&call);
        let from = self.actors.directory().address(actor);
        let function = call.function();
        let phase = if self.under_load {
            function.phase_under_load()
        } else {
            function.phase()
        };
        let mut pending = PendingTransaction::new(
            id,
            actor,
            from,
            call,
            invocation.value,
            phase,
            submission,
            intended,
        );
        pending.encoded_for = self.contracts.session_on_chain(&pending.call);
        self.pending.insert(Box::new(pending));
        (id, invocation)
    }

    /// Records a task that never came to be, where a block decided that on account of this one.
    fn never_queued(&mut self, submission: u64, outcome: TaskOutcome, block: Option<u64>) {
        if let Some(task) = self.submissions.never_queued(submission, outcome) {
            self.record(block, &Record::Task(task));
        }
    }

    fn record_violations(&mut self, block: Option<u64>) {
        for violation in self.state.take_violations() {
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

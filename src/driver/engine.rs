//! The engine: everything of a run that is not I/O. It feeds actors, keeps the books of every transaction and task,
//! and turns what actors want into [`Command`]s for a driver to carry out.

use alloy::primitives::{Address, B256, map::HashMap};

use super::{
    Command, TxId, UnderWay,
    audit::Audit,
    cast::Cast,
    pending::{Inclusion, Pending},
    submissions::Submissions,
};
use crate::{
    actor::{Action, Input, Timer},
    chain::{Bid, Block, Receipt},
    protocol::{
        ActorId, Call, Contracts, Event, Function, Invocation, Ledger, Phase, Query, Reply, Role, TaskKey,
        TaskPhase, TaskState,
    },
    record::{BlockRecord, Record, Recorder, TaskOutcome, TxOutcome},
    time::Micros,
};

/// The engine of a run.
#[derive(Debug)]
pub struct Engine {
    contracts: Contracts,
    cast: Cast,
    ledger: Ledger,
    recorder: Recorder,
    pending: HashMap<TxId, Pending>,
    next_tx: TxId,
    submissions: Submissions,
    session_owner: HashMap<u64, ActorId>,
    /// Reads under way.
    reads: u64,
    audit: Audit,
    setup_failure: Option<String>,
    last_submission: Micros,
    /// Owners that submit no more.
    owners_done: usize,
    actions: Vec<Action>,
    commands: Vec<Command>,
}

impl Engine {
    /// An engine of `cast` on `contracts`, which records to `recorder`.
    #[must_use]
    pub fn new(cast: Cast, contracts: Contracts, recorder: Recorder) -> Self {
        Self {
            contracts,
            cast,
            ledger: Ledger::default(),
            recorder,
            pending: HashMap::default(),
            next_tx: 0,
            submissions: Submissions::default(),
            session_owner: HashMap::default(),
            reads: 0,
            audit: Audit::default(),
            setup_failure: None,
            last_submission: Micros::ZERO,
            owners_done: 0,
            actions: Vec::new(),
            commands: Vec::new(),
        }
    }

    /// Gives every actor of a role the same input.
    pub fn tell_all(&mut self, role: Role, now: Micros, input: Input<'_>) {
        for actor in self.cast.all(role) {
            self.tell(actor, now, input);
        }
    }

    /// A timer that was set for `at` expired.
    pub fn timer(&mut self, at: Micros, actor: ActorId, timer: Timer) {
        self.tell(actor, at, Input::Timer(timer));
    }

    /// Takes what the driver is to do next into `commands`, which is empty and becomes the room for what comes after.
    pub fn swap_commands(&mut self, commands: &mut Vec<Command>) {
        std::mem::swap(&mut self.commands, commands);
    }

    /// A transaction was handed to the chain; more than once if it was sent again. Its hash may not be known yet.
    pub fn sent(&mut self, tx: TxId, at: Micros, nonce: u64, hash: Option<B256>, bid: Bid) {
        if let Some(pending) = self.pending.get_mut(&tx) {
            pending.sent.get_or_insert(at);
            pending.nonce = Some(nonce);
            pending.bid = Some(bid);
            pending.attempts += 1;
            pending.hash = hash;
        }
    }

    /// What a transaction calls, encoded, whose account sends it, and the nonce and hash that it was last sent with;
    /// `None` if it is over.
    #[must_use]
    pub fn under_way(&self, tx: TxId) -> Option<UnderWay> {
        let pending = self.pending.get(&tx)?;
        Some(UnderWay {
            actor: pending.actor,
            function: pending.call.function(),
            invocation: self.contracts.encode(&pending.call),
            nonce: pending.nonce?,
            hash: pending.hash?,
            attempts: pending.attempts,
        })
    }

    /// The chain took a transaction, and answered with its hash.
    pub fn accepted(&mut self, tx: TxId, at: Micros, hash: B256) {
        if let Some(pending) = self.pending.get_mut(&tx) {
            pending.hash = Some(hash);
            pending.accepted.get_or_insert(at);
        }
    }

    /// A transaction came to its end without ever being in a block.
    pub fn failed(&mut self, tx: TxId, now: Micros, outcome: TxOutcome) {
        if let Some(pending) = self.pending.remove(&tx) {
            self.over(pending, now, outcome, None, &[]);
        }
    }

    /// Opens the books of a transaction that does nothing but use up a nonce; the driver sends it itself.
    pub fn fill_nonce(&mut self, actor: ActorId, now: Micros) -> (TxId, Invocation) {
        self.open(actor, Call::FillNonce, now)
    }

    /// The account that sends a transaction; `None` if it is over.
    #[must_use]
    pub fn account(&self, tx: TxId) -> Option<Address> {
        self.pending.get(&tx).map(|pending| pending.from)
    }

    /// Whose account a transaction was sent from, and its nonce; `None` if it is over.
    #[must_use]
    pub fn place(&self, tx: TxId) -> Option<(ActorId, u64)> {
        let pending = self.pending.get(&tx)?;
        Some((pending.actor, pending.nonce?))
    }

    /// How often a transaction was handed to the node; `None` if it is over.
    #[must_use]
    pub fn attempts(&self, tx: TxId) -> Option<u32> {
        self.pending.get(&tx).map(|pending| pending.attempts)
    }

    /// Lets the recorder know that time passed without anything to record.
    pub fn tick(&mut self, now: Micros) {
        self.recorder.tick(now);
    }

    /// The chain has a new block; `txs` are the run's numbers of its transactions, `None` for those of others.
    pub fn block(&mut self, block: &Block, txs: &[Option<TxId>]) {
        self.recorder.record(&Record::Block(BlockRecord {
            number: block.number,
            timestamp: block.timestamp,
            seen: block.seen,
            gas_used: block.gas_used,
            gas_limit: block.gas_limit,
            base_fee: block.base_fee,
            transactions: block.receipts.len() as u32,
        }));
        self.tell_all(Role::Oracle, block.seen, Input::ChainTime(block.timestamp));
        for (receipt, tx) in block.receipts.iter().zip(txs) {
            self.receipt(block, receipt, *tx);
        }
        self.record_violations();
    }

    /// A read came back.
    pub fn reply(&mut self, query: Query, reply: Result<Reply, String>) {
        self.reads -= 1;
        match (query, reply) {
            (_, Ok(Reply::TaskResults { key, results })) => self.ledger.check_results(key, &results),
            (_, Ok(Reply::TaskCount { session, count })) => self.ledger.check_count(session, count),
            (_, Ok(Reply::Held(wei))) => self.audit.found(wei),
            (query, Err(message)) => {
                tracing::warn!("{query:?} could not be read: {message}");
                self.audit.failed();
            }
        }
        if let Query::TaskResults(key) = query {
            self.ledger.close(key);
        }
        self.record_violations();
    }

    /// Transactions under way.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.pending.len()
    }

    /// The first failure of a transaction that sets the scene.
    #[must_use]
    pub fn setup_failure(&self) -> Option<&str> {
        self.setup_failure.as_deref()
    }

    /// Whether every owner has submitted all that it will.
    #[must_use]
    pub const fn load_over(&self) -> bool {
        self.owners_done == self.cast.owner_count()
    }

    /// When the last submission was meant to be sent, or is planned to be if an owner waits for one.
    #[must_use]
    pub const fn last_submission(&self) -> Micros {
        self.last_submission
    }

    /// Whether nothing that the run asked for is still open.
    #[must_use]
    pub fn at_rest(&self) -> bool {
        self.pending.is_empty() && self.reads == 0 && self.submissions.over() == self.submissions.count()
    }

    /// How many submitted tasks stand where in their lifecycle.
    #[must_use]
    pub fn tasks_in(&self, phase: TaskPhase) -> u64 {
        match phase {
            TaskPhase::Submitting => {
                let queued: u64 = TaskPhase::ALL
                    .iter()
                    .map(|phase| self.ledger.in_phase(*phase))
                    .sum();
                self.submissions.count().saturating_sub(queued)
            }
            _ => self.ledger.in_phase(phase),
        }
    }

    /// What was recorded so far.
    #[must_use]
    pub const fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// As [`Cast::draws`].
    #[must_use]
    pub fn draws(&self) -> u64 {
        self.cast.draws()
    }

    /// The contracts that the run drives.
    #[must_use]
    pub const fn contracts(&self) -> &Contracts {
        &self.contracts
    }

    /// Has read what the chain says of every session's tasks (I9) and, where there were deposits, of the money (I6).
    pub fn audit(&mut self) {
        let sessions = self.ledger.task_counts();
        self.read(sessions.iter().map(|(session, _)| Query::TaskCount(*session)));
        if self.audit.has_deposits() {
            let miners: Vec<_> = self
                .cast
                .all(Role::Miner)
                .map(|miner| self.cast.address(miner))
                .collect();
            self.read(
                sessions
                    .iter()
                    .map(|(session, _)| Query::SessionBalance(*session)),
            );
            self.read(miners.into_iter().map(Query::Earnings));
        }
    }

    /// Holds what the audit found against what was deposited. Returns whether everything that the run wanted to read
    /// could be read.
    pub fn close_audit(&mut self) -> bool {
        if let Some(violation) = self.audit.verdict() {
            self.recorder.record(&Record::Violation(violation));
        }
        self.audit.is_complete()
    }

    fn read(&mut self, queries: impl Iterator<Item = Query>) {
        for query in queries {
            self.reads += 1;
            self.commands.push(Command::Read(query));
        }
    }

    /// Closes the books: whatever is still open is recorded as it stands.
    #[must_use]
    pub fn finish(mut self) -> Recorder {
        let mut open: Vec<_> = std::mem::take(&mut self.pending).into_values().collect();
        open.sort_unstable_by_key(|pending| pending.id);
        for pending in open {
            if let Some(submission) = pending.submission {
                self.never_queued(submission, TaskOutcome::Unfinished);
            }
            let reason = if pending.sent.is_some() {
                "not in a block when the run ended"
            } else {
                "never sent"
            };
            let record = pending.record(TxOutcome::Lost(reason.to_owned()), None, None, None);
            self.recorder.record(&Record::Transaction(record));
        }
        for task in self.ledger.close_all() {
            if task.phase != TaskPhase::Ended
                && let Some(record) = self.submissions.queued(&task)
            {
                self.recorder.record(&Record::Task(record));
            }
        }
        self.recorder
    }

    /// Records a task that never came to be.
    fn never_queued(&mut self, submission: u64, outcome: TaskOutcome) {
        if let Some(task) = self.submissions.never_queued(submission, outcome) {
            self.recorder.record(&Record::Task(task));
        }
    }

    fn record_violations(&mut self) {
        for violation in self.ledger.take_violations() {
            self.recorder.record(&Record::Violation(violation));
        }
    }

    fn tell(&mut self, actor: ActorId, now: Micros, input: Input<'_>) {
        let mut actions = std::mem::take(&mut self.actions);
        self.cast.step(actor, now, input, &mut actions);
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

    /// Opens the books of a transaction and has it sent.
    fn ask(&mut self, actor: ActorId, call: Call, intended: Micros) {
        let (tx, invocation) = self.open(actor, call, intended);
        self.commands.push(Command::Send {
            tx,
            actor,
            invocation,
        });
    }

    fn open(&mut self, actor: ActorId, call: Call, intended: Micros) -> (TxId, Invocation) {
        let id = self.next_tx;
        self.next_tx += 1;
        let submission = matches!(call, Call::Submit { .. }).then(|| {
            self.last_submission = self.last_submission.max(intended);
            self.submissions.enter(actor, intended)
        });
        let invocation = self.contracts.encode(&call);
        let from = self.cast.address(actor);
        self.pending
            .insert(id, Pending::new(id, actor, from, call, submission, intended));
        (id, invocation)
    }

    /// Enters what a transaction in a block did: first in the ledger, then with its sender, then with all that the
    /// events concern.
    fn receipt(&mut self, block: &Block, receipt: &Receipt, tx: Option<TxId>) {
        let events: Vec<Event> = receipt
            .logs
            .iter()
            .filter_map(|log| self.contracts.decode(log))
            .collect();
        let pending = tx.and_then(|tx| self.pending.remove(&tx));
        let call = pending.as_ref().map(|pending| &pending.call);
        let submission = pending.as_ref().and_then(|pending| pending.submission);
        for event in &events {
            self.ledger.enter(block.seen, event, call, submission);
        }
        if let Some(pending) = pending {
            let outcome = if receipt.success {
                TxOutcome::Included
            } else {
                TxOutcome::Reverted(self.contracts.decode_error(receipt.output.as_ref()))
            };
            let inclusion = Inclusion {
                seen: block.seen,
                block_number: block.number,
                block_timestamp: block.timestamp,
                gas_used: receipt.gas_used,
                base_fee: block.base_fee,
            };
            self.over(pending, block.seen, outcome, Some(inclusion), &events);
        }
        for event in &events {
            self.route(block, event);
        }
    }

    /// Closes the books of a transaction and tells its sender.
    fn over(
        &mut self,
        pending: Pending,
        now: Micros,
        outcome: TxOutcome,
        inclusion: Option<Inclusion>,
        events: &[Event],
    ) {
        if let Some(reason) = outcome.reason() {
            let function = pending.call.function();
            if let Some(submission) = pending.submission {
                let failed = TaskOutcome::Failed(format!("{} {}: {reason}", function.name(), outcome.name()));
                self.never_queued(submission, failed);
            }
            if function.phase() == Phase::Setup && function != Function::FillNonce {
                let failure = || {
                    format!(
                        "{} of {} was {}: {reason}",
                        function.name(),
                        pending.actor,
                        outcome.name()
                    )
                };
                self.setup_failure.get_or_insert_with(failure);
            }
        }
        match (&pending.call, &outcome) {
            (Call::EndAck(key), TxOutcome::Included) => self.ledger.ack_ended(*key),
            (Call::Deposit { amount, .. }, TxOutcome::Included) => self.audit.deposited(*amount),
            _ => {}
        }
        self.tell(
            pending.actor,
            now,
            Input::Outcome(&pending.call, &outcome, events),
        );
        let task = events.iter().find_map(Event::task);
        let session = events.iter().find_map(Event::session);
        self.recorder.record(&Record::Transaction(
            pending.record(outcome, inclusion, session, task),
        ));
    }

    /// Tells an event to all that it concerns.
    fn route(&mut self, block: &Block, event: &Event) {
        let input = Input::Event(event, block.timestamp);
        match event {
            Event::SessionCreated { session, owner, .. } => {
                if let Some(owner) = self.cast.at(*owner) {
                    self.session_owner.insert(*session, owner);
                }
            }
            Event::TaskAssigned { miners, .. } => self.tell_addresses(miners, block.seen, input),
            Event::TaskPrecommitEnded { key } => self.tell_seats(*key, block.seen, input),
            Event::TaskEnded { key, .. } => {
                self.task_ended(*key);
                self.tell_seats(*key, block.seen, input);
                if let Some(owner) = self.session_owner.get(&key.session) {
                    self.tell(*owner, block.seen, input);
                } else {
                    self.ledger.close(*key);
                }
            }
            _ => {}
        }
        if let Some(oracle) = event.task().and_then(|key| self.cast.oracle_of(key)) {
            self.tell(oracle, block.seen, input);
        }
    }

    fn tell_addresses(&mut self, addresses: &[Address], now: Micros, input: Input<'_>) {
        for address in addresses {
            if let Some(actor) = self.cast.at(*address) {
                self.tell(actor, now, input);
            }
        }
    }

    /// Tells every miner that a task is assigned to.
    fn tell_seats(&mut self, key: TaskKey, now: Micros, input: Input<'_>) {
        let miners: Vec<_> = self
            .ledger
            .task(key)
            .into_iter()
            .flat_map(TaskState::miners)
            .collect();
        self.tell_addresses(&miners, now, input);
    }

    /// Records a task that ended.
    fn task_ended(&mut self, key: TaskKey) {
        if let Some(record) = self
            .ledger
            .task(key)
            .and_then(|task| self.submissions.queued(task))
        {
            self.recorder.record(&Record::Task(record));
        }
    }
}

//! The loop of a run: it takes what the transport reports, lets the actors act, and sends what they want.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use alloy::primitives::B256;

use super::{
    ATTEMPTS, Command, EndCondition, Ended, Engine, RunObserver, TxId,
    accounts::{Account, Accounts},
    backlog::Backlog,
    lifecycle::Lifecycle,
    reorg::Reorgs,
    timer_queue::TimerQueue,
    transactions::{Pool, TransactionTimer},
    transport::{NewBlock, Report, Transport},
};
use crate::{
    protocol::{ActorId, DeployedContracts, Protocol, ProtocolEvent},
    record::{NodeResult, Progress, Recorder, StopReason},
    time::Micros,
};

/// How often the observer gets the progress, in real time.
pub(super) const TICK: Duration = Duration::from_millis(250);

/// The loop and what it holds on to.
#[derive(Debug)]
pub(super) struct Driver<P: Protocol, T> {
    pub(super) engine: Engine<P>,
    pub(super) transport: T,
    pub(super) accounts: Accounts,
    timers: TimerQueue<(ActorId, P::Timer)>,
    pub(super) transaction_timers: TimerQueue<TransactionTimer>,
    lifecycle: Lifecycle,
    /// What is known of blocks and not taken yet.
    pub(super) backlog: Backlog<P>,
    /// The transactions under way by their hashes, those that they no longer have included.
    pub(super) hashes: HashMap<B256, TxId>,
    /// What is known of the node's pool.
    pub(super) pool: Pool,
    /// What reorgs left to be done.
    pub(super) reorgs: Reorgs,
    /// A transaction not in a block by then is looked for, sent again, and at last lost.
    pub(super) transaction_deadline: Duration,
    /// The number of submissions that had queued no task when the contracts' code was last looked at.
    doubted: u64,
    /// When the latest block was seen, and its timestamp in seconds since the Unix epoch.
    latest_block: (Micros, u64),
    commands: Vec<Command<P>>,
}

impl<P: Protocol, T: Transport<P>> Driver<P, T> {
    pub(super) fn new(
        engine: Engine<P>,
        transport: T,
        accounts: impl IntoIterator<Item = Account>,
        end_condition: EndCondition,
        transaction_deadline: Duration,
    ) -> Self {
        Self {
            engine,
            transport,
            accounts: Accounts::new(accounts),
            timers: TimerQueue::default(),
            transaction_timers: TimerQueue::default(),
            lifecycle: Lifecycle::new(end_condition),
            backlog: Backlog::default(),
            hashes: HashMap::new(),
            pool: Pool::default(),
            reorgs: Reorgs::default(),
            transaction_deadline,
            doubted: 0,
            latest_block: (Micros::ZERO, 0),
            commands: Vec::new(),
        }
    }

    /// Drives the run until it is over, and closes the records.
    pub(super) async fn drive(mut self, observer: &mut dyn RunObserver) -> Driven<T> {
        let (reason, message) = self.until_over(observer).await;
        self.backlog.take_all(&mut self.engine);
        let now = self.transport.now();
        let ended = self.lifecycle.ended(reason, message, now);
        observer.progress(&self.lifecycle.progress(&self.engine, now));
        let draws = self.engine.draws();
        Driven {
            recorder: self.engine.finish(),
            ended,
            node: self.reorgs.into_result(),
            draws,
            transport: self.transport,
        }
    }

    /// Takes what the transport reports, lets the actors act, sends what they want; until the run is over, for this reason.
    async fn until_over(&mut self, observer: &mut dyn RunObserver) -> (StopReason, Option<String>) {
        let mut reports = Vec::new();
        let mut shown = Instant::now();
        loop {
            if let Some(over) = self.advance(observer) {
                return over;
            }
            let (wake, busy) = (self.next_timer(), !self.backlog.is_empty());
            let contracts = self.engine.contracts();
            self.transport.next(wake, busy, contracts, &mut reports).await;
            for report in reports.drain(..) {
                if let Report::Over(reason, message) = report {
                    return (reason, message);
                }
                self.take(report, observer);
            }
            if self.transport.ticks() {
                let now = self.transport.now();
                self.engine.tick(now);
                self.doubt_code();
                if shown.elapsed() >= TICK {
                    shown = Instant::now();
                    let real = self.transport.real_time();
                    let progress = self.lifecycle.progress(&self.engine, now);
                    observer.progress(&Progress { real, ..progress });
                }
            }
            self.dispatch();
            self.fire();
            self.backlog.take_batch(&mut self.engine, T::BATCH);
            self.send_dropped();
            self.dispatch();
        }
    }

    /// Advances to the next state of the run, and past states that end at once.
    fn advance(&mut self, observer: &mut dyn RunObserver) -> Option<(StopReason, Option<String>)> {
        while self.transport.may_advance() {
            let (state, was_set) = (self.lifecycle.state(), self.lifecycle.is_setup_done());
            let now = self.transport.now();
            let withheld = self.withheld_until();
            let over = self.lifecycle.advance(&mut self.engine, now, withheld);
            let begins = !was_set && self.lifecycle.is_setup_done();
            if begins {
                self.transport.load_begins(now);
            }
            if self.lifecycle.is_closed() {
                self.transport.load_over();
            }
            self.dispatch();
            if begins {
                observer.setup_done();
            }
            if over.is_some() || self.lifecycle.state() == state {
                return over;
            }
        }
        None
    }

    /// The time of the chain up to which tasks were not to be expected to end, since faults kept transactions or blocks back;
    /// `None` if one still does. What was lost is sent again, and lost again at worst, until its last deadline.
    fn withheld_until(&self) -> Option<u64> {
        let until = self.transport.withheld_until()?;
        if until == Micros::ZERO {
            return Some(0);
        }
        let again = self.transaction_deadline * ATTEMPTS;
        let (seen, timestamp) = self.latest_block;
        Some(timestamp.saturating_sub((seen - until).as_secs()) + again.as_secs())
    }

    fn take(&mut self, report: Report<P>, observer: &mut dyn RunObserver) {
        match report {
            Report::Announced {
                seen,
                block_timestamp,
                event,
            } => {
                // What came before it may have led to it.
                self.backlog.take_all(&mut self.engine);
                self.engine.announced(seen, block_timestamp, event);
            }
            Report::PriorityLogs(block) => {
                let txs = self.causes(&block.transactions);
                self.backlog.priority_logs(block, txs);
            }
            Report::Logs(block) => {
                let events = block.transactions.iter().flat_map(|(_, events)| events);
                headlines(events.map(|placed| &placed.what), observer);
                let txs = self.causes(&block.transactions);
                self.backlog.logs(block, txs);
            }
            Report::Block(block) => self.take_block(block, observer),
            Report::Due => self.take_due_block(observer),
            Report::Reply(query, reply) => {
                let now = self.transport.now();
                self.engine.reply(now, query, reply);
            }
            Report::Reorg(reorg) => self.reorg(reorg),
            Report::Gone(txs) => self.reorgs.gone(txs),
            Report::Over(..) => {}
            of_transaction => self.take_step(of_transaction),
        }
    }

    fn take_block(&mut self, new: NewBlock<P>, observer: &mut dyn RunObserver) {
        let NewBlock { block, events, ids } = new;
        headlines(events.iter().flatten().map(|placed| &placed.what), observer);
        self.reorgs.block();
        let txs: Vec<Option<TxId>> = match ids {
            Some(ids) => ids.into_iter().map(Some).collect(),
            None => {
                let hashes = block.receipts.iter().map(|receipt| receipt.hash);
                hashes.map(|hash| self.hashes.remove(&hash)).collect()
            }
        };
        self.latest_block = (block.seen, block.timestamp);
        self.transport.note_base_fee(block.base_fee);
        self.settle(&block, &txs);
        let number = block.number;
        self.backlog.block(block, events, txs);
        if T::INSPECTS {
            self.backlog.take_all(&mut self.engine);
            self.transport.inspect(&mut self.engine, number);
        }
        if !self.transport.tells_drops() {
            self.look_for_suspects();
        }
    }

    /// Has the engine take the block that is due while the transport makes it.
    fn take_due_block(&mut self, observer: &mut dyn RunObserver) {
        let wants_headlines = observer.wants_headlines();
        let (number, headlines) = self.transport.make_block(&mut self.engine, wants_headlines);
        headlines.iter().for_each(|line| observer.headline(line));
        self.transport.inspect(&mut self.engine, number);
        self.take_immediate();
    }

    /// The run's numbers of the transactions with these hashes, `None` for those of others.
    fn causes<E>(&self, transactions: &[(B256, E)]) -> Vec<Option<TxId>> {
        let hashes = transactions.iter().map(|(hash, _)| hash);
        hashes.map(|hash| self.hashes.get(hash).copied()).collect()
    }

    /// Looks whether the contracts have code, if submissions succeeded and did nothing.
    fn doubt_code(&mut self) {
        let without_task = self.engine.submissions_without_task();
        if std::mem::replace(&mut self.doubted, without_task) != without_task {
            let contracts = self.engine.contracts().by_name().into_values().collect();
            self.transport.find_code(contracts);
        }
    }

    /// Fires every timer that is due, each at the moment it was set for.
    fn fire(&mut self) {
        let now = self.transport.now();
        while let Some((at, (actor, timer))) = self.timers.due(now) {
            self.engine.timer(at, actor, timer);
            self.dispatch();
        }
        while let Some((_, timer)) = self.transaction_timers.due(now) {
            self.transaction_timer(timer);
        }
    }

    fn next_timer(&self) -> Option<Micros> {
        let next = [self.timers.next(), self.transaction_timers.next()];
        next.into_iter().flatten().min()
    }

    /// Carries out what the actors want, and what they want on account of what comes of it at once.
    pub(super) fn dispatch(&mut self) {
        loop {
            let mut commands = std::mem::take(&mut self.commands);
            self.engine.swap_commands(&mut commands);
            if commands.is_empty() {
                self.commands = commands;
                return;
            }
            let reads = commands.iter().filter_map(Command::read);
            self.transport.read_ahead(reads, self.engine.contracts());
            for command in commands.drain(..) {
                match command {
                    Command::Send {
                        tx,
                        actor,
                        invocation,
                    } => self.send(tx, actor, invocation),
                    Command::Read(query) => {
                        self.transport.read(query, self.engine.contracts());
                        self.take_immediate();
                    }
                    Command::SetTimer(at, actor, timer) => self.timers.set(at, (actor, timer)),
                }
            }
            self.commands = commands;
        }
    }

    /// Takes what happened on account of the latest command, where that takes no time.
    pub(super) fn take_immediate(&mut self) {
        while let Some(report) = self.transport.immediate() {
            match report {
                Report::Reply(query, reply) => {
                    let now = self.transport.now();
                    self.engine.reply(now, query, reply);
                }
                of_transaction => self.take_step(of_transaction),
            }
        }
    }
}

/// What a run came to.
#[derive(Debug)]
pub(super) struct Driven<T> {
    pub(super) recorder: Recorder,
    pub(super) ended: Ended,
    /// What the node did that a node should not.
    pub(super) node: NodeResult,
    /// A digest of where the actors' random streams stood.
    pub(super) draws: u64,
    pub(super) transport: T,
}

/// Reports the events that are worth a line, if the observer wants that.
fn headlines<'a, E: ProtocolEvent>(events: impl Iterator<Item = &'a E>, observer: &mut dyn RunObserver) {
    if observer.wants_headlines() {
        for line in events.filter_map(E::headline) {
            observer.headline(&line);
        }
    }
}

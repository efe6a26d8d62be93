//! The real-time driver: the wall clock, a node behind JSON-RPC, and everything that may go wrong between them.

mod accounts;
mod backlog;
mod precise_timer;
mod reads;
mod transactions;

use std::{collections::HashMap, future::Future, sync::Arc, time::Duration};

use alloy::primitives::{Address, B256};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use self::{
    accounts::Accounts, backlog::Backlog, precise_timer::PreciseTimer, transactions::TransactionTimer,
};
use super::{
    Command, EndCondition, Ended, Engine, RunObserver, TxId, lifecycle::Lifecycle, timer_queue::TimerQueue,
};
use crate::{
    actor::Timer,
    chain::{
        Block, BlockLogs, LogPriority, REORG_DEPTH,
        rpc::{
            BlockId, ChainEvent, EarlyLog, Endpoint, Order, Reorg, RpcError, RunClock, SendReport, Sender,
            TransactionStatus, watch,
        },
    },
    protocol::{ActorId, Query, Reply},
    record::{NodeResult, Progress, Recorder, StopReason},
    time::Micros,
};

pub use accounts::NodeAccount;

/// The number of messages that are taken at once, before what they caused is sent.
const MESSAGES: usize = 4096;
/// How often the observer gets the progress, and the clock looked at when nothing happens.
const TICK: Duration = Duration::from_millis(250);
/// The number of transactions that are looked for at once.
const LOOKUPS: usize = 16;

/// Settings of a run in real time.
#[derive(Debug)]
pub struct RealTimeSettings {
    /// The node.
    pub endpoint: Endpoint,
    /// The block after which the run begins.
    pub start: BlockId,
    /// The run's clock.
    pub clock: RunClock,
    /// The account of every actor.
    pub accounts: Vec<NodeAccount>,
    /// When the run ends.
    pub end_condition: EndCondition,
    /// A transaction not in a block by then is looked for, sent again, and at last lost.
    pub transaction_deadline: Duration,
}

/// Messages from the driver's tasks to its loop.
enum Message {
    /// A step of a transaction on its way to the node.
    Send(SendReport),
    /// A log that some actor may answer before its block is read.
    Log(EarlyLog),
    /// The priority logs of a new block, before all of them.
    PriorityLogs(BlockLogs),
    /// The logs of a new block, before the rest of it is read.
    Logs(BlockLogs),
    /// A new block.
    Block(Block),
    /// A read came back.
    Reply(Query, Result<Reply, String>),
    /// The node refused a transaction, and says where it has it all the same, and what the account's next nonce is.
    Refused {
        tx: TxId,
        reason: String,
        place: TransactionStatus,
        next_nonce: u64,
    },
    /// The same of a transaction whose deadline passed.
    Chased {
        tx: TxId,
        place: TransactionStatus,
        next_nonce: u64,
    },
    /// The same of a transaction that the node may have dropped, `first` of those of its account.
    Doubted {
        tx: TxId,
        first: bool,
        place: TransactionStatus,
        next_nonce: u64,
    },
    /// Blocks are no longer the chain's.
    Reorg(Reorg),
    /// The node does not have these transactions any more.
    Dropped(Vec<TxId>),
    /// These contracts have no code any more.
    NoCode(Vec<Address>),
    /// The node was lost.
    Lost(RpcError),
}

/// Runs `engine` on a node until its tasks are over, the node is lost or has `ended`, or `stop` is cancelled, and closes the
/// records.
pub async fn run(
    mut engine: Engine,
    settings: RealTimeSettings,
    node_ended: impl Future<Output = ()>,
    stop: CancellationToken,
    mut observer: impl RunObserver,
) -> (Recorder, Ended) {
    engine.remember(REORG_DEPTH);
    let (outbox, mut inbox) = mpsc::unbounded_channel();
    let watcher = tokio::spawn(announce_blocks(
        settings.endpoint.clone(),
        settings.start,
        engine.log_priority(),
        settings.clock,
        outbox.clone(),
    ));
    let http = settings.endpoint.http.clone();
    let mut driver = Driver::new(engine, settings, outbox);
    let mut ended = driver.drive(&mut inbox, node_ended, &stop, &mut observer).await;
    watcher.abort();
    ended.node = Some(NodeResult {
        repeated: http.troubles().by_cause(),
        ..driver.node
    });
    observer.progress(&driver.progress());
    (driver.engine.finish(), ended)
}

/// Hands every new block to the driver's loop, and says when the node is lost.
async fn announce_blocks(
    endpoint: Endpoint,
    start: BlockId,
    priority: LogPriority,
    clock: RunClock,
    outbox: mpsc::UnboundedSender<Message>,
) {
    let events = outbox.clone();
    let report = move |event| {
        let _ = events.send(match event {
            ChainEvent::Log(log) => Message::Log(log),
            ChainEvent::PriorityLogs(logs) => Message::PriorityLogs(logs),
            ChainEvent::Logs(logs) => Message::Logs(logs),
            ChainEvent::Block(block) => Message::Block(block),
            ChainEvent::Reorg(reorg) => Message::Reorg(reorg),
        });
    };
    if let Err(error) = watch(&endpoint, start, priority, clock, report).await {
        let _ = outbox.send(Message::Lost(error));
    }
}

/// The loop and what it holds on to.
struct Driver {
    engine: Engine,
    settings: RealTimeSettings,
    accounts: Accounts,
    sender: Sender,
    /// What is to be sent next.
    orders: Vec<Order>,
    outbox: mpsc::UnboundedSender<Message>,
    timers: TimerQueue<(ActorId, Timer)>,
    transaction_timers: TimerQueue<TransactionTimer>,
    /// `None` where the system has no thread for it.
    precise_timer: Option<PreciseTimer>,
    lifecycle: Lifecycle,
    /// What is read of blocks and not taken yet.
    backlog: Backlog,
    /// The transactions under way by their hashes, those that they no longer have included.
    hashes: HashMap<B256, TxId>,
    /// When the latest block was seen.
    last_block: Option<Micros>,
    /// The number of the latest block that had little room left.
    last_full_block: Option<u64>,
    /// Transactions that a reorg took back and the node does not have, to be sent again.
    dropped: Vec<TxId>,
    /// Blocks that a reorg took back since the latest block came.
    dropped_blocks: u64,
    /// Transactions that were under way during a reorg, and how many more times they are looked for.
    suspects: Vec<TxId>,
    looks_left: u32,
    /// The number of submissions that had queued no task when the contracts' code was last looked at.
    doubted: u64,
    /// What the node did that a node should not.
    node: NodeResult,
    /// Limits how many transactions are looked for at once: thousands miss their deadlines together when a node stands
    /// still, and as many requests would keep it from catching up.
    lookups: Arc<Semaphore>,
}

impl Driver {
    fn new(engine: Engine, settings: RealTimeSettings, outbox: mpsc::UnboundedSender<Message>) -> Self {
        let reports = outbox.clone();
        let report = move |report| {
            let _ = reports.send(Message::Send(report));
        };
        Self {
            engine,
            accounts: Accounts::new(&settings.accounts),
            sender: Sender::new(
                settings.endpoint.http.clone(),
                settings.endpoint.chain_id,
                settings.clock,
                report,
            ),
            orders: Vec::new(),
            lifecycle: Lifecycle::new(settings.end_condition),
            settings,
            outbox,
            backlog: Backlog::default(),
            timers: TimerQueue::default(),
            transaction_timers: TimerQueue::default(),
            precise_timer: PreciseTimer::start().ok(),
            hashes: HashMap::new(),
            last_block: None,
            last_full_block: None,
            dropped: Vec::new(),
            dropped_blocks: 0,
            suspects: Vec::new(),
            looks_left: 0,
            doubted: 0,
            node: NodeResult::default(),
            lookups: Arc::new(Semaphore::new(LOOKUPS)),
        }
    }

    /// Takes what happened, lets the actors act, sends what they want; until the run is over.
    async fn drive(
        &mut self,
        inbox: &mut mpsc::UnboundedReceiver<Message>,
        node_ended: impl Future<Output = ()>,
        stop: &CancellationToken,
        observer: &mut impl RunObserver,
    ) -> Ended {
        let mut messages = Vec::with_capacity(MESSAGES);
        let mut shown = Micros::ZERO;
        tokio::pin!(node_ended);
        loop {
            let was_set = self.lifecycle.is_setup_done();
            let now = self.settings.clock.now();
            if let Some((reason, message)) = self.lifecycle.advance(&mut self.engine, now) {
                return self.ended(reason, message);
            }
            if !was_set && self.lifecycle.is_setup_done() {
                observer.setup_done();
            }
            self.dispatch();
            tokio::select! {
                biased;
                () = stop.cancelled() => return self.ended(StopReason::Interrupted, None),
                () = &mut node_ended => return self.ended(StopReason::ChainLost, Some("the node ended".to_owned())),
                _ = inbox.recv_many(&mut messages, MESSAGES) => {}
                () = self.next_timer() => {}
                () = tokio::task::yield_now(), if !self.backlog.is_empty() => {}
            }
            for message in messages.drain(..) {
                match &message {
                    Message::Lost(error) => {
                        return self.ended(StopReason::ChainLost, Some(error.to_string()));
                    }
                    Message::NoCode(contracts) if !contracts.is_empty() => {
                        return self.ended(StopReason::ChainLost, Some(no_code(contracts)));
                    }
                    Message::Block(block) => observer.block(block, self.engine.contracts()),
                    _ => {}
                }
                self.take(message);
            }
            self.fire();
            self.backlog.take_part(&mut self.engine);
            self.send_dropped();
            let now = self.settings.clock.now();
            if now - shown >= TICK {
                shown = now;
                self.engine.tick(now);
                self.doubt_code();
                observer.progress(&self.progress());
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Send(report) => self.send_report(report),
            Message::Log(early) => {
                // What came before it may have led to it.
                self.backlog.take_all(&mut self.engine);
                self.engine.heard(early.seen, early.block_timestamp, &early.log);
            }
            Message::PriorityLogs(block) => {
                let txs = self.writers(&block);
                self.backlog.priority_logs(block, txs);
            }
            Message::Logs(block) => {
                let txs = self.writers(&block);
                self.backlog.logs(block, txs);
            }
            Message::Block(block) => {
                self.dropped_blocks = 0;
                let txs: Vec<_> = block
                    .receipts
                    .iter()
                    .map(|receipt| self.hashes.remove(&receipt.hash))
                    .collect();
                self.settle(&block, &txs);
                self.backlog.block(block, txs);
                self.look_for_suspects();
            }
            Message::Reply(query, reply) => self.engine.reply(query, reply),
            Message::Refused {
                tx,
                reason,
                place,
                next_nonce,
            } => self.refused(tx, reason, place, next_nonce),
            Message::Chased {
                tx,
                place,
                next_nonce,
            } => self.chased(tx, place, next_nonce),
            Message::Doubted {
                tx,
                first,
                place,
                next_nonce,
            } => self.doubted(tx, first, place, next_nonce),
            Message::Reorg(reorg) => self.reorg(reorg),
            Message::Dropped(txs) => self.dropped.extend(txs),
            Message::NoCode(_) | Message::Lost(_) => {}
        }
    }

    /// Looks whether the contracts have code, if submissions succeeded and did nothing.
    fn doubt_code(&mut self) {
        let without_task = self.engine.submissions_without_task();
        if std::mem::replace(&mut self.doubted, without_task) == without_task {
            return;
        }
        let addresses = *self.engine.contracts().addresses();
        let contracts = [addresses.node_pool, addresses.session, addresses.session_queue];
        let (endpoint, outbox) = (self.settings.endpoint.clone(), self.outbox.clone());
        tokio::spawn(async move {
            if let Ok(without_code) = endpoint.without_code(&contracts).await {
                let _ = outbox.send(Message::NoCode(without_code));
            }
        });
    }

    /// The run's numbers of the transactions that wrote these logs, `None` for those of others.
    fn writers(&self, block: &BlockLogs) -> Vec<Option<TxId>> {
        let hashes = block.transactions.iter().map(|(hash, _)| hash);
        hashes.map(|hash| self.hashes.get(hash).copied()).collect()
    }

    /// Fires every timer that is due, each at the moment it was set for.
    fn fire(&mut self) {
        let now = self.settings.clock.now();
        while let Some((at, (actor, timer))) = self.timers.due(now) {
            self.engine.timer(at, actor, timer);
        }
        while let Some((_, timer)) = self.transaction_timers.due(now) {
            self.transaction_timer(timer);
        }
    }

    /// Carries out what the actors want.
    fn dispatch(&mut self) {
        let mut queries = Vec::new();
        let mut commands = Vec::new();
        self.engine.swap_commands(&mut commands);
        for command in commands {
            match command {
                Command::Send {
                    tx,
                    actor,
                    invocation,
                } => self.send(tx, actor, invocation, 0),
                Command::Read(query) => queries.push(query),
                Command::SetTimer(at, actor, timer) => self.timers.set(at, (actor, timer)),
            }
        }
        self.sender.order(std::mem::take(&mut self.orders));
        self.read(queries);
    }

    /// Sleeps until the next timer is due, at most a tick.
    async fn next_timer(&self) {
        let tick = self.settings.clock.now() + TICK;
        let next = [self.timers.next(), self.transaction_timers.next()]
            .into_iter()
            .flatten()
            .min();
        let at = next.map_or(tick, |next| next.min(tick));
        let at = self.settings.clock.instant(at);
        match &self.precise_timer {
            Some(clock) => clock.rings(at).await,
            None => tokio::time::sleep_until(at.into()).await,
        }
    }

    /// Takes what is left to take and says how the run went.
    fn ended(&mut self, reason: StopReason, message: Option<String>) -> Ended {
        self.backlog.take_all(&mut self.engine);
        self.lifecycle.ended(reason, message, self.settings.clock.now())
    }

    fn progress(&self) -> Progress {
        self.lifecycle.progress(&self.engine, self.settings.clock.now())
    }
}

/// The reason why a run ends whose contracts are gone.
fn no_code(contracts: &[Address]) -> String {
    let contracts: Vec<String> = contracts.iter().map(Address::to_string).collect();
    format!(
        "the chain has no code any more at {}, where the run deployed its contracts",
        contracts.join(", ")
    )
}

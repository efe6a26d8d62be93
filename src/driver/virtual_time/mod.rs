//! The virtual-time driver: a discrete-event simulation on an EVM inside the process.
//!
//! Nothing here takes time of its own: no RPC, no signing, no contention. At one moment a block comes first, then what
//! arrives at the chain, then actors' timers, each in the order in which it was asked for; so a run depends on nothing
//! but its scenario and seed.

mod senders;

use std::time::{Duration, Instant};

use alloy::primitives::Address;
use tokio_util::sync::CancellationToken;

use self::senders::Senders;
pub use self::senders::SimulatedAccount;
use super::{
    ATTEMPTS, Command, EndCondition, Ended, Engine, RunObserver, TxId, lifecycle::Lifecycle,
    registry::digest, timer_queue::TimerQueue,
};
use crate::{
    actor::Timer,
    chain::{
        Log,
        embedded::{CallError, DropReason, Dropped, EmbeddedChain, Message, PooledTransaction},
    },
    protocol::{ActorId, Invocation, Query, Reply},
    record::{Progress, Recorder, StopReason, TxOutcome},
    scenario::DelayDistribution,
    time::Micros,
};

/// How often the observer gets the progress, in real time.
const TICK: Duration = Duration::from_millis(250);

/// Settings of a run in virtual time.
#[derive(Debug)]
pub struct VirtualTimeSettings {
    /// The chain, with the contracts on it and every account funded.
    pub chain: EmbeddedChain,
    /// Time from one block to the next.
    pub block_time: Duration,
    /// The timestamp of the moment at which the run starts, in seconds since the Unix epoch.
    pub start_timestamp: u64,
    /// From an actor's decision to the chain's mempool.
    pub submission_delay: DelayDistribution,
    /// The account of every actor.
    pub accounts: Vec<SimulatedAccount>,
    /// When the run ends.
    pub end_condition: EndCondition,
    /// How long a transaction may take until it is looked for, and sent again if the mempool does not have it.
    pub transaction_deadline: Duration,
}

/// Runs `engine` on an embedded chain until its tasks are over or `stop` is cancelled, and closes every record. The number
/// is a digest of where every random stream stood at the end.
#[must_use]
pub fn run(
    engine: Engine,
    settings: VirtualTimeSettings,
    stop: &CancellationToken,
    mut observer: impl RunObserver,
) -> (Recorder, Ended, u64) {
    let mut driver = Driver::new(engine, settings);
    let ended = driver.drive(stop, &mut observer);
    observer.progress(&driver.lifecycle.progress(&driver.engine, driver.now));
    let draws = digest(
        [driver.engine.draws(), driver.senders.draws()]
            .into_iter()
            .map(u128::from),
    );
    (driver.engine.finish(), ended, draws)
}

/// The loop and what it holds on to.
struct Driver {
    engine: Engine,
    chain: EmbeddedChain,
    senders: Senders,
    block_time: Micros,
    start_timestamp: u64,
    lifecycle: Lifecycle,
    transaction_deadline: Duration,
    now: Micros,
    next_block: Micros,
    arrivals: TimerQueue<Arrival>,
    timers: TimerQueue<(ActorId, Timer)>,
    commands: Vec<Command>,
}

/// A transaction on its way to the mempool.
#[derive(Debug)]
struct Arrival {
    actor: ActorId,
    pending: PooledTransaction,
    /// Whether it does nothing but use up its nonce.
    fills: bool,
    /// Whether it was handed to the mempool before.
    again: bool,
}

impl Driver {
    fn new(engine: Engine, settings: VirtualTimeSettings) -> Self {
        let block_time = Micros::from(settings.block_time);
        Self {
            engine,
            chain: settings.chain,
            senders: Senders::new(settings.accounts, settings.submission_delay),
            block_time,
            start_timestamp: settings.start_timestamp,
            lifecycle: Lifecycle::new(settings.end_condition),
            transaction_deadline: settings.transaction_deadline,
            now: Micros::ZERO,
            next_block: block_time,
            arrivals: TimerQueue::default(),
            timers: TimerQueue::default(),
            commands: Vec::new(),
        }
    }

    /// Processes events in the order of their time until the run is over.
    fn drive(&mut self, stop: &CancellationToken, observer: &mut impl RunObserver) -> Ended {
        let mut shown = Instant::now();
        let began = shown;
        loop {
            if let Some((reason, message)) = self.go_on() {
                return self.lifecycle.ended(reason, message, self.now);
            }
            if stop.is_cancelled() {
                return self.lifecycle.ended(StopReason::Interrupted, None, self.now);
            }
            if shown.elapsed() >= TICK {
                shown = Instant::now();
                let progress = self.lifecycle.progress(&self.engine, self.now);
                observer.progress(&Progress {
                    real: Some(began.elapsed()),
                    ..progress
                });
            }
            self.until_next_block();
            self.block(observer);
        }
    }

    /// Advances to the next state of the run, and past states that end at once.
    fn go_on(&mut self) -> Option<(StopReason, Option<String>)> {
        loop {
            let state = self.lifecycle.state();
            let over = self.lifecycle.advance(&mut self.engine, self.now);
            self.carry_out();
            if over.is_some() || self.lifecycle.state() == state {
                return over;
            }
        }
    }

    /// Processes every event before the next block.
    fn until_next_block(&mut self) {
        loop {
            let (arrival, timer) = (self.arrivals.next(), self.timers.next());
            let Some(next) = arrival
                .into_iter()
                .chain(timer)
                .min()
                .filter(|next| *next < self.next_block)
            else {
                return;
            };
            self.now = self.now.max(next);
            if arrival == Some(next) {
                if let Some((_, arrival)) = self.arrivals.due(next) {
                    self.arrive(arrival);
                }
            } else if let Some((at, (actor, timer))) = self.timers.due(next) {
                self.engine.timer(at, actor, timer);
            }
            self.carry_out();
        }
    }

    /// Mines the next block and notifies the actors of its events.
    fn block(&mut self, observer: &mut impl RunObserver) {
        self.now = self.next_block;
        self.next_block = Micros(self.now.0 + self.block_time.0);
        let mut mined = self.chain.mine(self.start_timestamp + self.now.0 / 1_000_000);
        mined.block.seen = self.now;
        observer.block(&mined.block, self.engine.contracts());
        let txs: Vec<_> = mined.ids.into_iter().map(Some).collect();
        self.engine.block(&mined.block, &txs, 0..txs.len());
        self.inspect(mined.block.number);
        for dropped in mined.dropped {
            self.dropped(dropped);
        }
        self.engine.tick(self.now);
        self.carry_out();
    }

    /// Carries out what the actors want, and what they want on account of that.
    fn carry_out(&mut self) {
        loop {
            let mut commands = std::mem::take(&mut self.commands);
            self.engine.swap_commands(&mut commands);
            if commands.is_empty() {
                self.commands = commands;
                return;
            }
            for command in commands.drain(..) {
                match command {
                    Command::Send {
                        tx,
                        actor,
                        invocation,
                    } => self.send(tx, actor, invocation, false),
                    Command::Read(query) => self.read(query),
                    Command::SetTimer(at, actor, timer) => self.timers.set(at, (actor, timer)),
                }
            }
            self.commands = commands;
        }
    }

    /// Puts a transaction on its way to the mempool.
    fn send(&mut self, tx: TxId, actor: ActorId, invocation: Invocation, fills: bool) {
        let (pending, delay) = self.senders.dispatch(tx, actor, invocation);
        self.engine.sent(tx, self.now, pending.nonce, None, pending.fees);
        let arrival = Arrival {
            actor,
            pending,
            fills,
            again: false,
        };
        if delay.is_zero() {
            self.arrive(arrival);
        } else {
            self.arrivals.set(self.now + delay, arrival);
        }
    }

    fn arrive(&mut self, arrival: Arrival) {
        let Arrival {
            actor,
            pending,
            fills,
            again,
        } = arrival;
        let (tx, nonce) = (pending.id, pending.nonce);
        if again {
            self.engine.sent(tx, self.now, nonce, None, pending.fees);
        }
        match self.chain.submit(pending) {
            Ok(hash) => self.engine.accepted(tx, self.now, hash),
            Err(refused) => {
                self.engine
                    .failed(tx, self.now, TxOutcome::Refused(refused.to_string()));
                self.free(actor, nonce, fills);
            }
        }
    }

    /// A transaction left the mempool without a block. One that the base fee rose above is sent again at its deadline,
    /// which is when a client of a node finds that the node dropped it.
    fn dropped(&mut self, Dropped { id, reason }: Dropped) {
        let Some(under_way) = self.engine.under_way(id) else {
            return;
        };
        if !matches!(reason, DropReason::BelowBaseFee { .. }) || under_way.attempts >= ATTEMPTS {
            return self.fail(id, TxOutcome::Lost(reason.to_string()));
        }
        let deadline = under_way.sent + self.transaction_deadline * under_way.attempts;
        let (actor, fills) = (under_way.actor, under_way.function.is_filler());
        let Some(invocation) = self.engine.encode_again(id) else {
            return;
        };
        let (pending, delay) = self.senders.repeat(id, &under_way, invocation);
        let arrival = Arrival {
            actor,
            pending,
            fills,
            again: true,
        };
        self.arrivals.set(self.now.max(deadline) + delay, arrival);
    }

    /// A transaction will never be in a block.
    fn fail(&mut self, tx: TxId, outcome: TxOutcome) {
        let Some(under_way) = self.engine.under_way(tx) else {
            return;
        };
        self.engine.failed(tx, self.now, outcome);
        let fills = under_way.function.is_filler();
        self.free(under_way.actor, under_way.nonce, fills);
    }

    /// Takes back a nonce that was not used, and fills it if others wait for it. A transaction that `fills` a nonce and
    /// failed is not followed by another: the account's next one takes the nonce.
    fn free(&mut self, actor: ActorId, nonce: u64, fills: bool) {
        if self.senders.give_back(actor, nonce) && !fills {
            let (tx, invocation) = self.engine.fill_nonce(actor, self.now);
            self.send(tx, actor, invocation, true);
        }
    }

    /// Reads the latest state. It takes no time.
    fn read(&mut self, query: Query) {
        let reply = self.ask(query);
        self.engine.reply(query, reply);
    }

    fn ask(&mut self, query: Query) -> Result<Reply, String> {
        let (to, input) = self.engine.contracts().encode_query(query);
        let message = Message {
            to,
            data: input,
            ..Message::default()
        };
        let reply = self.chain.call_as(message).map_err(|error| error.to_string());
        reply.and_then(|data| self.engine.contracts().decode_reply(query, &data))
    }

    /// Makes a call on the latest state in a block of this timestamp, and undoes it. Returns its events, or why it is refused.
    fn attempt(&mut self, from: Address, invocation: Invocation, timestamp: u64) -> Result<Vec<Log>, String> {
        let message = Message {
            from,
            to: invocation.to,
            value: invocation.value,
            data: invocation.input,
        };
        self.chain
            .try_at(timestamp, message)
            .map_err(|error| match error {
                CallError::Reverted(output) => self.engine.contracts().decode_error(Some(&output)),
                error => error.to_string(),
            })
    }

    /// Holds what the chain says after a block, and what it would do, against what it must.
    fn inspect(&mut self, block: u64) {
        let (queries, probes) = self.engine.inspections();
        for query in queries {
            match self.ask(query) {
                Ok(reply) => self.engine.inspected(&reply),
                Err(message) => self.engine.unread(query, message),
            }
        }
        for probe in probes {
            let invocation = self.engine.contracts().encode(&probe.call);
            let tried = self.attempt(probe.from, invocation, probe.timestamp);
            self.engine.probed(&probe, tried.as_deref());
        }
        for call in self.engine.forbidden() {
            let timestamp = self.chain.timestamp();
            if self
                .attempt(call.from, call.invocation.clone(), timestamp)
                .is_ok()
            {
                self.engine.intruded(&call);
            }
        }
        self.engine.close_inspections(block);
    }
}

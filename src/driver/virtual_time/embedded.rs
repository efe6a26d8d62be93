//! The embedded chain as a transport: transactions travel for a simulated while, blocks come at their times, reads take none.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use alloy::primitives::{Address, B256, map::HashMap};
use rand::rngs::ChaCha8Rng;
use tokio_util::sync::CancellationToken;

use super::VirtualTimeSettings;
use crate::{
    chain::{
        Log, Placed,
        embedded::{CallError, DropReason, EmbeddedChain, Message, PooledTransaction},
    },
    distribution::DelayDistribution,
    driver::{
        Engine, TxId,
        registry::digest,
        timer_queue::TimerQueue,
        transport::{Lookup, NewBlock, Outgoing, Report, Transport, Why},
    },
    protocol::{ActorId, DeployedContracts, Protocol, Trial},
    record::StopReason,
    time::Micros,
};

/// The chain and its clock.
#[derive(Debug)]
pub(super) struct EmbeddedTransport<P: Protocol> {
    chain: EmbeddedChain,
    senders: HashMap<ActorId, Sender>,
    submission_delay: DelayDistribution,
    block_time: Micros,
    start_timestamp: u64,
    stop: CancellationToken,
    began: Instant,
    now: Micros,
    next_block: Micros,
    /// Whether nothing has happened since the latest block: a state of the run begins with a block.
    at_block: bool,
    /// Whether the latest block was not looked at.
    ticks: bool,
    /// Transactions on their way to the mempool.
    arrivals: TimerQueue<PooledTransaction>,
    /// What happened on account of the latest command.
    immediate: VecDeque<Report<P>>,
}

/// An account's address, and how long its transactions travel.
#[derive(Debug)]
struct Sender {
    address: Address,
    network: ChaCha8Rng,
}

impl<P: Protocol> EmbeddedTransport<P> {
    pub(super) fn new(settings: VirtualTimeSettings, stop: CancellationToken) -> Self {
        let senders = settings.accounts.into_iter().map(|account| {
            let (address, network) = (account.address, account.network.rng());
            (account.actor, Sender { address, network })
        });
        let block_time = Micros::from(settings.block_time);
        Self {
            chain: settings.chain,
            senders: senders.collect(),
            submission_delay: settings.submission_delay,
            block_time,
            start_timestamp: settings.start_timestamp,
            stop,
            began: Instant::now(),
            now: Micros::ZERO,
            next_block: block_time,
            at_block: true,
            ticks: false,
            arrivals: TimerQueue::default(),
            immediate: VecDeque::new(),
        }
    }

    /// A digest of where the random stream of every account stands.
    pub(super) fn draws(&self) -> u64 {
        let mut actors: Vec<_> = self.senders.keys().copied().collect();
        actors.sort_unstable();
        let positions = actors.iter().map(|actor| &self.senders[actor].network);
        digest(positions.map(ChaCha8Rng::get_word_pos))
    }

    /// A transaction arrives at the mempool.
    fn arrive(&mut self, transaction: PooledTransaction) -> Report<P> {
        let tx = transaction.id;
        match self.chain.submit(transaction) {
            Ok(hash) => Report::Accepted {
                tx,
                at: self.now,
                hash,
            },
            Err(refused) => Report::Refused {
                tx,
                reason: refused.to_string(),
            },
        }
    }

    /// Mines the next block.
    fn mine(&mut self, contracts: &P::Contracts, reports: &mut Vec<Report<P>>) {
        self.now = self.next_block;
        self.next_block = Micros(self.now.0 + self.block_time.0);
        let mut mined = self.chain.mine(self.start_timestamp + self.now.0 / 1_000_000);
        mined.block.seen = self.now;
        let decode = |log: Log| {
            let what = contracts.decode(&log)?;
            let index = log.index;
            Some(Placed { index, what })
        };
        let receipts = mined.block.receipts.iter_mut();
        let logs = receipts.map(|receipt| std::mem::take(&mut receipt.logs));
        let events = logs
            .map(|logs| logs.into_iter().filter_map(decode).collect())
            .collect();
        reports.push(Report::Block(NewBlock {
            block: mined.block,
            events,
            ids: Some(mined.ids),
        }));
        reports.extend(mined.dropped.into_iter().map(|dropped| Report::Dropped {
            tx: dropped.id,
            reason: dropped.reason.to_string(),
            worth_another_try: matches!(dropped.reason, DropReason::BelowBaseFee { .. }),
        }));
        self.at_block = true;
        self.ticks = true;
    }

    fn ask(&mut self, query: &P::Query, contracts: &P::Contracts) -> Result<P::Reply, String> {
        let (to, input) = contracts.encode_query(query);
        let message = Message {
            to,
            data: input,
            ..Message::default()
        };
        let reply = self.chain.call_as(message).map_err(|error| error.to_string());
        reply.and_then(|data| contracts.decode_reply(query, &data))
    }

    /// Makes a call on the latest state, and undoes it. Returns its logs, or why it is refused.
    fn attempt(&mut self, trial: &Trial<P>, contracts: &P::Contracts) -> Result<Vec<Log>, String> {
        let invocation = trial.invocation.clone();
        let message = Message {
            from: trial.from,
            to: invocation.to,
            value: invocation.value,
            data: invocation.input,
        };
        let timestamp = trial.timestamp.unwrap_or_else(|| self.chain.timestamp());
        self.chain
            .try_at(timestamp, message)
            .map_err(|error| match error {
                CallError::Reverted(output) => contracts.decode_error(Some(&output)),
                error => error.to_string(),
            })
    }
}

impl<P: Protocol> Transport<P> for EmbeddedTransport<P> {
    const BATCH: usize = usize::MAX;
    const TELLS_DROPS: bool = true;

    fn now(&self) -> Micros {
        self.now
    }

    fn may_advance(&self) -> bool {
        self.at_block
    }

    fn ticks(&mut self) -> bool {
        std::mem::take(&mut self.ticks)
    }

    fn real_time(&self) -> Option<Duration> {
        Some(self.began.elapsed())
    }

    /// Puts a transaction on its way to the mempool.
    fn send(&mut self, transaction: Outgoing) {
        let Outgoing {
            tx,
            actor,
            nonce,
            invocation,
            fees,
        } = transaction;
        let Some(sender) = self.senders.get_mut(&actor) else {
            return;
        };
        let delay = self.submission_delay.sample(&mut sender.network);
        let pooled = PooledTransaction {
            id: tx,
            from: sender.address,
            nonce,
            invocation,
            fees,
        };
        self.immediate.push_back(Report::Sent {
            tx,
            at: self.now,
            nonce,
            hash: None,
            fees,
        });
        if delay.is_zero() {
            let arrived = self.arrive(pooled);
            self.immediate.push_back(arrived);
        } else {
            self.arrivals.set(self.now + delay, pooled);
        }
    }

    /// It takes no time.
    fn read(&mut self, query: P::Query, contracts: &P::Contracts) {
        let reply = self.ask(&query, contracts);
        self.immediate.push_back(Report::Reply(query, reply));
    }

    /// Nothing is ever looked for: the chain tells of all that it drops.
    fn locate(&mut self, _: Lookup, _: Why) {}

    fn find_gone(&mut self, _: Vec<(TxId, Vec<B256>)>) {}

    fn find_code(&mut self, _: Vec<Address>) {}

    fn immediate(&mut self) -> Option<Report<P>> {
        self.immediate.pop_front()
    }

    async fn next(
        &mut self,
        wake: Option<Micros>,
        _: bool,
        contracts: &P::Contracts,
        reports: &mut Vec<Report<P>>,
    ) {
        if std::mem::take(&mut self.at_block) && self.stop.is_cancelled() {
            reports.push(Report::Over(StopReason::Interrupted, None));
            return;
        }
        let arrival = self.arrivals.next();
        let next = arrival.into_iter().chain(wake).min();
        let Some(next) = next.filter(|next| *next < self.next_block) else {
            return self.mine(contracts, reports);
        };
        self.now = self.now.max(next);
        if arrival == Some(next)
            && let Some((_, transaction)) = self.arrivals.due(next)
        {
            let arrived = self.arrive(transaction);
            reports.push(arrived);
        }
    }

    fn inspect(&mut self, engine: &mut Engine<P>, block: u64) {
        let (mut queries, trials) = engine.inspections();
        while !queries.is_empty() {
            for query in queries {
                let reply = self.ask(&query, engine.contracts());
                engine.inspected(&query, reply);
            }
            queries = engine.further_inspections();
        }
        for trial in trials {
            let outcome = self.attempt(&trial, engine.contracts());
            engine.tried(&trial, outcome);
        }
        engine.close_inspections(block);
    }
}

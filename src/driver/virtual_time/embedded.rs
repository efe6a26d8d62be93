//! The embedded chain as a transport: transactions travel for a simulated while, blocks come at their times, reads take none.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use alloy::primitives::{Address, B256};
use rand::rngs::ChaCha8Rng;
use tokio_util::sync::CancellationToken;

use super::{VirtualTimeSettings, faults::ChainFaults, reads::Replied};
use crate::{
    chain::{
        Log, Placed, Receipt,
        embedded::{BuilderTerms, DropReason, Dropped, EmbeddedChain, PooledTransaction},
    },
    distribution::DelayDistribution,
    driver::{
        Engine, TxId,
        registry::digest,
        timer_queue::TimerQueue,
        transport::{Lookup, NewBlock, Outgoing, Report, Transport, Why},
    },
    fault::Verdict,
    protocol::{ActorMap, DeployedContracts, Protocol},
    record::StopReason,
    time::Micros,
};

/// The chain and its clock.
#[derive(Debug)]
pub(super) struct EmbeddedTransport<P: Protocol> {
    pub(super) chain: EmbeddedChain,
    senders: ActorMap<Sender>,
    submission_delay: DelayDistribution,
    pub(super) block_time: Micros,
    start_timestamp: u64,
    stop: CancellationToken,
    began: Instant,
    pub(super) now: Micros,
    pub(super) next_block: Micros,
    /// Whether nothing has happened since the latest block: a state of the run begins with a block.
    pub(super) at_block: bool,
    /// Whether the latest block was not looked at.
    pub(super) ticks: bool,
    /// Transactions on their way to the mempool.
    arrivals: TimerQueue<PooledTransaction>,
    /// What happened on account of the latest command.
    pub(super) immediate: VecDeque<Report<P>>,
    /// Replies to reads that are about to be made, in their order.
    pub(super) replies: VecDeque<Replied<P>>,
    /// What goes wrong; `None` where nothing ever does.
    pub(super) faults: Option<Box<ChainFaults<P>>>,
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
            faults: ChainFaults::of(settings.faults, settings.chain.number()),
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
            replies: VecDeque::new(),
        }
    }

    /// A digest of where the random stream of every account stands.
    pub(super) fn draws(&self) -> u64 {
        let streams = self.senders.iter().map(|(_, sender)| &sender.network);
        digest(streams.map(ChaCha8Rng::get_word_pos))
    }

    /// A transaction arrives at the mempool.
    fn arrive(&mut self, transaction: PooledTransaction) -> Option<Report<P>> {
        let tx = transaction.id;
        let kept = self.faults.as_ref().map(|_| transaction.clone());
        match self.chain.submit(transaction) {
            Ok(hash) => {
                if let (Some(faults), Some(kept)) = (&mut self.faults, kept) {
                    faults.took(kept);
                }
                let at = self.now;
                Some(Report::Accepted { tx, at, hash })
            }
            // The node has it: what it says of a second copy is no news.
            Err(_) if self.faults.as_ref().is_some_and(|faults| faults.had(tx)) => None,
            Err(refused) => Some(Report::Refused {
                tx,
                reason: refused.to_string(),
            }),
        }
    }

    /// Has the next block made.
    fn mine(&mut self, contracts: &P::Contracts, reports: &mut Vec<Report<P>>) {
        if let Some(faults) = self.faults.take() {
            return self.mine_with_faults(faults, contracts, reports);
        }
        self.now = self.next_block;
        self.next_block = Micros(self.now.0 + self.block_time.0);
        reports.push(Report::Due);
        self.at_block = true;
        self.ticks = true;
    }

    /// Makes a block with the timestamp of the moment `at`, and returns the numbers of its transactions.
    pub(super) fn mine_block(
        &mut self,
        at: Micros,
        terms: &BuilderTerms<'_>,
        contracts: &P::Contracts,
        reports: &mut Vec<Report<P>>,
    ) -> Vec<TxId> {
        let timestamp = self.timestamp(at);
        let mut mined = self.chain.mine_on_terms(timestamp, terms);
        mined.block.seen = self.now;
        let ids = mined.ids.clone();
        let receipts = mined.block.receipts.iter_mut();
        let events = receipts
            .map(|receipt| take_events::<P>(receipt, contracts))
            .collect();
        reports.push(Report::Block(NewBlock {
            block: mined.block,
            events,
            ids: Some(mined.ids),
        }));
        reports.extend(mined.dropped.into_iter().map(drop_report));
        ids
    }

    /// The timestamp of a block at the moment `at`, in seconds since the Unix epoch.
    pub(super) const fn timestamp(&self, at: Micros) -> u64 {
        self.start_timestamp + at.0 / 1_000_000
    }
}

impl<P: Protocol> Transport<P> for EmbeddedTransport<P> {
    const BATCH: usize = usize::MAX;
    const INSPECTS: bool = true;

    fn tells_drops(&self) -> bool {
        self.faults.is_none()
    }

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

    fn load_begins(&mut self, now: Micros) {
        if let Some(faults) = &mut self.faults {
            faults.begin(now);
        }
    }

    fn load_over(&mut self) {
        if let Some(faults) = &mut self.faults {
            faults.end();
        }
    }

    fn withheld_until(&self) -> Option<Micros> {
        match &self.faults {
            Some(faults) => faults.withheld_until(self.now),
            None => Some(Micros::ZERO),
        }
    }

    /// Puts a transaction on its way to the mempool.
    fn send(&mut self, transaction: Outgoing) {
        let (verdict, refusals) = match &mut self.faults {
            Some(faults) => faults.verdict_on(self.now, &transaction),
            None => (Verdict::Pass, 0),
        };
        let Outgoing {
            tx,
            actor,
            nonce,
            invocation,
            fees,
            ..
        } = transaction;
        let Some(sender) = self.senders.get_mut(actor) else {
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
        for _ in 0..refusals {
            self.immediate.push_back(Report::SentAgain { tx });
        }
        let reached = match &self.faults {
            Some(faults) => faults.reaches(self.now + delay, refusals),
            None => self.now + delay,
        };
        match verdict {
            Verdict::Drop => {
                let hash = self.chain.simulated_hash(pooled.from, nonce);
                let at = self.now;
                return self.immediate.push_back(Report::Accepted { tx, at, hash });
            }
            Verdict::DeliverAfter(later) => return self.arrivals.set(reached + later, pooled),
            Verdict::Twice(later) => self.arrivals.set(reached + later, pooled.clone()),
            Verdict::Pass | Verdict::Refuse | Verdict::Corrupt => {}
        }
        if reached == self.now {
            let arrived = self.arrive(pooled);
            self.immediate.extend(arrived);
        } else {
            self.arrivals.set(reached, pooled);
        }
    }

    fn read_ahead<'a>(&mut self, queries: impl Iterator<Item = &'a P::Query>, contracts: &P::Contracts) {
        self.look_ahead(queries.collect(), contracts);
    }

    /// It takes no time.
    fn read(&mut self, query: P::Query, contracts: &P::Contracts) {
        let reply = self.reply_to(&query, contracts);
        self.immediate.push_back(Report::Reply(query, reply));
    }

    /// Where nothing goes wrong nothing is ever looked for: the chain tells of all that it drops.
    fn locate(&mut self, lookup: Lookup, why: Why) {
        self.locate_with_faults(&lookup, why);
    }

    fn find_gone(&mut self, transactions: Vec<(TxId, Vec<B256>)>) {
        self.find_gone_with_faults(transactions.into_iter().map(|(tx, _)| tx));
    }

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
        if !self.immediate.is_empty() {
            return reports.extend(self.immediate.drain(..));
        }
        if std::mem::take(&mut self.at_block) && self.stop.is_cancelled() {
            reports.push(Report::Over(StopReason::Interrupted, None));
            return;
        }
        let arrival = self.arrivals.next();
        let sight = self.faults.as_ref().and_then(|faults| faults.next_sight());
        let next = arrival.into_iter().chain(wake).chain(sight).min();
        let Some(next) =
            next.filter(|next| *next < self.next_block || sight == Some(*next) && *next == self.next_block)
        else {
            return self.mine(contracts, reports);
        };
        self.now = self.now.max(next);
        if let Some(faults) = self.faults.as_mut().filter(|_| sight == Some(next)) {
            reports.extend(faults.see(self.now));
            self.at_block = true;
            self.ticks = true;
            return;
        }
        if arrival == Some(next)
            && let Some((_, transaction)) = self.arrivals.due(next)
        {
            let arrived = self.arrive(transaction);
            reports.extend(arrived);
        }
    }

    fn make_block(&mut self, engine: &mut Engine<P>, wants_headlines: bool) -> (u64, Vec<String>) {
        self.stream_block(engine, wants_headlines)
    }

    fn inspect(&mut self, engine: &mut Engine<P>, block: u64) {
        let is_latest = |faults: &ChainFaults<P>| block == self.chain.number() && faults.is_abreast();
        if !self.faults.as_deref().is_none_or(is_latest) {
            // What the chain says by now is of a later block.
            return;
        }
        let stale = self.faults.as_mut().map(|faults| faults.read_latest());
        let (mut queries, trials) = engine.inspections();
        while !queries.is_empty() {
            let replies = self.replies(&queries, engine.contracts());
            for (query, reply) in queries.iter().zip(replies) {
                engine.inspected(query, reply);
            }
            queries = engine.further_inspections();
        }
        let outcomes = self.outcomes(&trials, engine.contracts());
        for (trial, outcome) in trials.iter().zip(outcomes) {
            engine.tried(trial, outcome);
        }
        engine.close_inspections(block);
        if let (Some(faults), Some(stale)) = (&mut self.faults, stale) {
            faults.read_back(stale);
        }
    }
}

/// Takes the events of the contracts out of a receipt.
pub(super) fn take_events<P: Protocol>(
    receipt: &mut Receipt,
    contracts: &P::Contracts,
) -> Vec<Placed<P::Event>> {
    let logs = std::mem::take(&mut receipt.logs).into_iter();
    let decode = |log: Log| {
        let what = contracts.decode(&log)?;
        let index = log.index;
        Some(Placed { index, what })
    };
    logs.filter_map(decode).collect()
}

/// The report that the chain dropped a transaction.
pub(super) fn drop_report<P: Protocol>(dropped: Dropped) -> Report<P> {
    Report::Dropped {
        tx: dropped.id,
        reason: dropped.reason.to_string(),
        worth_another_try: matches!(dropped.reason, DropReason::BelowBaseFee { .. }),
    }
}

//! Faults of the embedded chain: what goes wrong between the driver and the chain, and with its blocks.

use std::{
    cell::Cell,
    collections::{HashMap, VecDeque},
    time::Duration,
};

use alloy::primitives::Address;
use rand::{rngs::ChaCha8Rng, seq::SliceRandom};

use super::embedded::EmbeddedTransport;
use crate::{
    chain::{
        embedded::{BuilderTerms, ChainSnapshot, PooledTransaction, StateView},
        rpc::{Reorg, TransactionStatus},
    },
    driver::{
        FaultSettings, TxId,
        transport::{Lookup, Outgoing, Report, Why},
    },
    fault::{BlockVerdict, Fault, FaultLog, Injector, Verdict},
    protocol::{ActorId, Function, Protocol},
    seed::StreamSeed,
    time::Micros,
};

/// How long a client waits before it repeats a request that failed.
const RETRY: Duration = Duration::from_millis(250);
/// The most times in a row that a request fails.
const MOST_RETRIES: u32 = 20;
/// The highest base fee that a spike leads to, in wei per gas.
const HIGHEST_BASE_FEE: f64 = 1e15;

/// The faults of a run, and what carrying them out takes.
#[derive(Debug)]
pub(super) struct ChainFaults<P: Protocol> {
    settings: FaultSettings,
    injector: Injector,
    /// The order of transactions in blocks that replace others.
    order: ChaCha8Rng,
    /// The sender and the function of every transaction that was sent.
    sent: HashMap<TxId, (ActorId, Function)>,
    /// Every transaction as the mempool has or had it.
    arrived: HashMap<TxId, PooledTransaction>,
    /// The block of every transaction in one.
    included: HashMap<TxId, u64>,
    /// The latest blocks: number, time and transactions.
    blocks: VecDeque<(u64, Micros, Vec<TxId>)>,
    /// The chain after some of the latest blocks, the oldest first.
    snapshots: VecDeque<ChainSnapshot>,
    /// From how many blocks ago reads are answered.
    stale: u64,
    /// By how much the chain's clock is ahead.
    ahead: Duration,
    /// When the node is up again.
    down_until: Micros,
    /// The verdict on the next block, where it was made before the node went down.
    verdict: Option<BlockVerdict>,
    /// The reorg that waits until there are blocks to replace.
    waiting_reorg: Option<u64>,
    /// Blocks that are not seen yet, and when they are.
    unseen: VecDeque<(Micros, u64, Vec<Report<P>>)>,
    /// When blocks are announced again.
    silent_until: Micros,
    /// The latest block that was seen.
    seen: u64,
}

impl<P: Protocol> ChainFaults<P> {
    /// The faults of a run on a chain with so many blocks; `None` if there are none.
    pub(super) fn of(settings: FaultSettings, number: u64) -> Option<Box<Self>> {
        if settings.plan.is_empty() {
            return None;
        }
        Some(Box::new(Self {
            injector: Injector::new(&settings.plan, settings.seed),
            order: StreamSeed::derive(settings.seed, "fault/reorg/order", 0).rng(),
            settings,
            sent: HashMap::new(),
            arrived: HashMap::new(),
            included: HashMap::new(),
            blocks: VecDeque::new(),
            snapshots: VecDeque::new(),
            stale: 0,
            ahead: Duration::ZERO,
            down_until: Micros::ZERO,
            verdict: None,
            waiting_reorg: None,
            unseen: VecDeque::new(),
            silent_until: Micros::ZERO,
            seen: number,
        }))
    }

    /// The load begins.
    pub(super) fn begin(&mut self, now: Micros) {
        self.injector.begin(now);
    }

    /// The load is over.
    pub(super) const fn end(&mut self) {
        self.injector.end();
    }

    /// What happened until now.
    pub(super) fn log(&self, now: Micros) -> FaultLog {
        self.injector.log(now)
    }

    /// The moment up to which faults kept transactions or blocks back; `None` if one still does.
    pub(super) fn withheld_until(&self, now: Micros) -> Option<Micros> {
        self.injector.withheld_until(now)
    }

    /// The verdict on a transaction that is sent now, and how many times the node refuses the request first.
    pub(super) fn verdict_on(&mut self, now: Micros, transaction: &Outgoing) -> (Verdict, u32) {
        let (actor, function) = (transaction.actor, transaction.function);
        self.sent.insert(transaction.tx, (actor, function));
        let refusals = self.refusals(now);
        let verdict = self
            .injector
            .transaction(now, self.settings.subject(actor, function));
        (verdict, refusals)
    }

    /// How many times in a row a request fails that is made now.
    fn refusals(&mut self, now: Micros) -> u32 {
        let mut refusals = 0;
        while refusals < MOST_RETRIES && self.injector.request(now) != Verdict::Pass {
            refusals += 1;
        }
        refusals
    }

    /// The moment at which what is sent now reaches the node, after so many refusals.
    pub(super) fn reaches(&self, now: Micros, refusals: u32) -> Micros {
        (now + RETRY * refusals).max(self.down_until)
    }

    /// The mempool took a transaction.
    pub(super) fn took(&mut self, transaction: PooledTransaction) {
        self.arrived.insert(transaction.id, transaction);
    }

    /// Whether the chain had a transaction before: it was delivered once more.
    pub(super) fn had(&self, tx: TxId) -> bool {
        self.arrived.contains_key(&tx)
    }

    /// The snapshot that reads are answered from; `None` for the latest state.
    pub(super) fn read_from(&self, latest: u64) -> Option<&ChainSnapshot> {
        let wanted = latest.saturating_sub(self.stale);
        if self.stale == 0 {
            return None;
        }
        self.snapshots
            .iter()
            .find(|snapshot| snapshot.number() >= wanted)
            .filter(|snapshot| snapshot.number() < latest)
    }

    /// Has reads answered from the latest state until [`ChainFaults::read_back`]; returns what they were answered from.
    pub(super) const fn read_latest(&mut self) -> u64 {
        std::mem::replace(&mut self.stale, 0)
    }

    /// Has reads answered from so many blocks ago.
    pub(super) const fn read_back(&mut self, blocks: u64) {
        self.stale = blocks;
    }

    /// When the next block is seen that was not when it was made.
    pub(super) fn next_sight(&self) -> Option<Micros> {
        self.unseen.front().map(|(at, ..)| *at)
    }

    /// The reports of a block that is seen now.
    pub(super) fn see(&mut self, now: Micros) -> Vec<Report<P>> {
        let Some((_, number, mut reports)) = self.unseen.pop_front() else {
            return Vec::new();
        };
        self.seen = number;
        for report in &mut reports {
            if let Report::Block(new) = report {
                new.block.seen = now;
            }
        }
        reports
    }

    /// Blocks after `last` that nobody saw are replaced without a word. What else is to be told with them, of an earlier reorg and of
    /// blocks that stay, still is.
    fn forget_unseen(&mut self, last: u64) {
        for (_, number, reports) in &mut self.unseen {
            *number = last.min(*number);
            reports.retain(|report| !matches!(report, Report::Block(new) if new.block.number > last));
        }
    }

    /// Whether every block was seen.
    pub(super) fn is_abreast(&self) -> bool {
        self.unseen.is_empty()
    }

    /// Takes note of a block that was made now.
    fn note(&mut self, number: u64, now: Micros, ids: &[TxId]) {
        for id in ids {
            self.included.insert(*id, number);
        }
        self.blocks.push_back((number, now, ids.to_vec()));
        if self.blocks.len() as u64 > *Fault::DEPTH.end() + 1 {
            self.blocks.pop_front();
        }
    }

    /// Takes the latest blocks back, as many as can be and at most `depth`. Returns the snapshot to go back to, when the blocks
    /// were made, and their transactions.
    fn take_back(
        &mut self,
        latest: u64,
        depth: u64,
    ) -> Option<(ChainSnapshot, Vec<Micros>, Vec<PooledTransaction>)> {
        let place = self
            .snapshots
            .iter()
            .position(|snapshot| snapshot.number() + depth >= latest && snapshot.number() < latest)?;
        let snapshot = self.snapshots[place].clone();
        self.snapshots.truncate(place + 1);
        let (mut times, mut transactions) = (Vec::new(), Vec::new());
        while let Some((_, at, ids)) = self
            .blocks
            .pop_back_if(|(number, ..)| *number > snapshot.number())
        {
            times.insert(0, at);
            for id in ids {
                self.included.remove(&id);
                transactions.extend(self.arrived.get(&id).cloned());
            }
        }
        transactions.sort_unstable_by_key(|transaction| transaction.id);
        transactions.shuffle(&mut self.order);
        Some((snapshot, times, transactions))
    }
}

impl<P: Protocol> EmbeddedTransport<P> {
    /// What happened of the faults that were asked for; `None` if none were.
    pub(super) fn fault_log(&self) -> Option<FaultLog> {
        self.faults.as_ref().map(|faults| faults.log(self.now))
    }

    /// Makes the next block with all that goes wrong.
    pub(super) fn mine_with_faults(
        &mut self,
        mut faults: Box<ChainFaults<P>>,
        contracts: &P::Contracts,
        reports: &mut Vec<Report<P>>,
    ) {
        self.now = self.next_block;
        let mut verdict = faults
            .verdict
            .take()
            .unwrap_or_else(|| faults.injector.block(self.now));
        let (stall, restart) = (verdict.stall.take(), verdict.restart.take());
        if let Some(down) = stall.max(restart) {
            if restart.is_some() {
                self.chain.lose_mempool();
            }
            faults.down_until = self.now + down;
            self.next_block = faults.down_until;
            faults.verdict = Some(verdict);
            self.faults = Some(faults);
            return;
        }
        self.next_block = Micros(self.now.0 + self.block_time.0);
        let mut made = Vec::new();
        if let Some(depth) = verdict.reorg.max(faults.waiting_reorg.take()) {
            self.replace_blocks(&mut faults, depth, contracts, &mut made);
        }
        if let Some(factor) = verdict.fee_factor {
            let fee = (self.chain.base_fee() as f64 * factor).min(HIGHEST_BASE_FEE);
            self.chain.set_base_fee(fee as u64);
        }
        faults.ahead += verdict.jump;
        self.mine_one(&mut faults, self.now, &verdict, contracts, &mut made);
        let block_time = Duration::from(self.block_time);
        if faults.injector.reorg_is_near(self.now, block_time) || faults.injector.may_be_stale(self.now) {
            faults.snapshots.push_back(self.chain.snapshot());
            if faults.snapshots.len() as u64 > *Fault::DEPTH.end() + 1 {
                faults.snapshots.pop_front();
            }
        } else {
            faults.snapshots.clear();
        }
        faults.stale = verdict.stale;
        if let Some(socket) = verdict.socket {
            faults.silent_until = faults.silent_until.max(self.now + socket);
        }
        let refusals = faults.refusals(self.now);
        let seen = (self.now + verdict.late + RETRY * refusals).max(faults.silent_until);
        let seen = faults.unseen.back().map_or(seen, |(at, ..)| seen.max(*at));
        if seen > self.now {
            faults.unseen.push_back((seen, self.chain.number(), made));
        } else {
            faults.seen = self.chain.number();
            reports.append(&mut made);
            self.at_block = true;
            self.ticks = true;
        }
        self.faults = Some(faults);
    }

    /// Makes a block at the time `at` with what goes wrong.
    fn mine_one(
        &mut self,
        faults: &mut ChainFaults<P>,
        at: Micros,
        verdict: &BlockVerdict,
        contracts: &P::Contracts,
        reports: &mut Vec<Report<P>>,
    ) {
        let counts: Vec<Cell<u64>> = verdict.censors.iter().map(|_| Cell::new(0)).collect();
        let (sent, settings, injector) = (&faults.sent, &faults.settings, &faults.injector);
        let censor = |transaction: &PooledTransaction| {
            let Some((actor, function)) = sent.get(&transaction.id) else {
                return false;
            };
            let subject = settings.subject(*actor, *function);
            let mut left_out = false;
            for (place, count) in verdict.censors.iter().zip(&counts) {
                if injector.censors(*place, subject) {
                    count.set(count.get() + 1);
                    left_out = true;
                }
            }
            left_out
        };
        let terms = BuilderTerms {
            is_empty: verdict.is_empty,
            gas_of_others: (self.chain.gas_limit() as f64 * verdict.fill) as u64,
            censor: if counts.is_empty() { None } else { Some(&censor) },
        };
        let ids = self.mine_block(at + faults.ahead, &terms, contracts, reports);
        for (place, count) in verdict.censors.iter().zip(&counts) {
            faults.injector.count(*place, at, count.get());
        }
        faults.note(self.chain.number(), at, &ids);
    }

    /// Replaces the latest blocks, at most `depth`, by as many that begin with an empty one and hold the same transactions in
    /// another order.
    fn replace_blocks(
        &mut self,
        faults: &mut ChainFaults<P>,
        depth: u64,
        contracts: &P::Contracts,
        reports: &mut Vec<Report<P>>,
    ) {
        let Some((snapshot, times, transactions)) = faults.take_back(self.chain.number(), depth) else {
            faults.waiting_reorg = Some(depth);
            return;
        };
        let last = snapshot.number();
        self.chain.restore(snapshot, transactions);
        faults.forget_unseen(last);
        if faults.seen > last {
            let depth = faults.seen - last;
            reports.push(Report::Reorg(Reorg { last, depth }));
            faults.seen = last;
        }
        for (place, at) in times.into_iter().enumerate() {
            let verdict = BlockVerdict {
                is_empty: place == 0,
                ..BlockVerdict::default()
            };
            self.mine_one(faults, at, &verdict, contracts, reports);
        }
    }

    /// Says where the chain has a transaction.
    pub(super) fn locate_with_faults(&mut self, lookup: &Lookup, why: Why) {
        let Some(status) = self.status_of(lookup.tx, lookup.account, lookup.nonce) else {
            return;
        };
        self.immediate.push_back(Report::Located {
            tx: lookup.tx,
            why,
            status,
            next_nonce: self.chain.nonce(lookup.account),
        });
    }

    /// Where the chain has a transaction; `None` if nothing ever goes wrong.
    fn status_of(&self, tx: TxId, account: Address, nonce: u64) -> Option<TransactionStatus> {
        let faults = self.faults.as_ref()?;
        Some(if faults.included.contains_key(&tx) {
            TransactionStatus::Block
        } else if self.chain.holds(account, nonce, tx) {
            TransactionStatus::Pool
        } else {
            TransactionStatus::Unknown
        })
    }

    /// Says which of these transactions the chain does not have.
    pub(super) fn find_gone_with_faults(&mut self, transactions: impl Iterator<Item = TxId>) {
        let Some(faults) = &self.faults else { return };
        let gone = transactions.filter(|tx| {
            let waits = faults
                .arrived
                .get(tx)
                .is_some_and(|pooled| self.chain.holds(pooled.from, pooled.nonce, *tx));
            // One that is on its way still has not come to anything.
            faults.arrived.contains_key(tx) && !waits && !faults.included.contains_key(tx)
        });
        let gone: Vec<TxId> = gone.collect();
        if !gone.is_empty() {
            self.immediate.push_back(Report::Gone(gone));
        }
    }

    /// The state that reads are answered from.
    pub(super) fn readable(&self) -> StateView<'_> {
        let latest = self.chain.number();
        let stale = self.faults.as_ref().and_then(|faults| faults.read_from(latest));
        match stale {
            Some(snapshot) => self.chain.view_of(snapshot),
            None => self.chain.view(),
        }
    }
}

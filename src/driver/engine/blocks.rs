//! Processes blocks: enters events in the state of the chain and notifies the actors that they concern.
//!
//! A node tells of a block in parts, since to read it takes a while: single logs that are answered at once, then those that are
//! answered soon, then all logs, and last the receipts. Every log is decoded once and has its place in the block; actors are
//! notified of it once, with the first part that has it.

use std::ops::Range;

use alloy::primitives::B256;

use super::{
    super::{
        TxId,
        pending::{Inclusion, PendingTransaction},
    },
    Engine,
    history::KeptTx,
    route::{Events, Routed},
};
use crate::{
    chain::{Block, BlockLogs, Placed, Receipt},
    protocol::{
        BlockMoment, ChainState, DeployedContracts, InBlock, Input, Protocol, ProtocolCall, ProtocolEvent,
        TaskKey,
    },
    record::{BlockRecord, Record, TaskOutcome, TxOutcome},
    time::Micros,
};

/// What is known of a block before its transactions are executed.
#[derive(Clone, Copy, Debug)]
pub(in crate::driver) struct BlockHead {
    /// Its number.
    pub(in crate::driver) number: u64,
    /// When it was seen.
    pub(in crate::driver) seen: Micros,
    /// Its timestamp in seconds since the Unix epoch.
    pub(in crate::driver) timestamp: u64,
    /// Its base fee in wei per gas.
    pub(in crate::driver) base_fee: u64,
}

impl<P: Protocol> Engine<P> {
    /// An event of a block was announced that was seen at `seen`, before the block is read. The task's watcher may answer it at
    /// once; it will be notified again with the block, to which all else is left.
    pub fn announced(&mut self, seen: Micros, block_timestamp: u64, event: P::Event) {
        if self.contracts.is_complete() {
            let event = self.contracts.of_run(event);
            self.notify_urgent(seen, block_timestamp, &event);
        }
    }

    /// The priority events of a new block are known, the others not yet: `txs` are the run's numbers of the transactions that
    /// caused any. The actors that they concern are notified once, now; all else is left to [`Engine::logs`]. So is the whole
    /// block if the events of the one before it have not come yet: who acts on a block must know of what led to it. `batch` is
    /// as in [`Engine::block`].
    pub fn priority_logs(
        &mut self,
        block: &mut BlockLogs<Placed<P::Event>>,
        txs: &[Option<TxId>],
        batch: Range<usize>,
    ) {
        if self.entered != Some(block.number - 1) || !self.contracts.is_complete() {
            return;
        }
        for ((_, events), tx) in block.transactions[batch.clone()].iter_mut().zip(&txs[batch]) {
            let events: Vec<(u64, P::Event)> = std::mem::take(events)
                .into_iter()
                .map(|placed| (placed.index, self.contracts.of_run(placed.what)))
                .collect();
            if let Some(mut pending) = tx.and_then(|tx| self.pending.remove(tx)) {
                if pending.call.needs_no_events() {
                    let included = TxOutcome::Included;
                    pending.inclusion_notified =
                        self.outcome(&pending, block.seen, &included, &[], Some(block.number));
                    pending.in_block = Some(block.number);
                }
                self.pending.insert(pending);
            }
            for (index, event) in events {
                // Actors of a task that is not known yet are notified with all events.
                if !self.doubts.contain(&event) && self.contracts.can_route(&event, &self.state) {
                    let notified = self.route(block.seen, block.timestamp, &event);
                    self.early.insert(index, Routed { event, notified });
                }
            }
        }
    }

    /// All events of a new block are known, the gas of its transactions not yet: `txs` are the run's numbers of those that
    /// caused any, `batch` as in [`Engine::block`]. Actors are notified of all events now, and [`Engine::block`] will
    /// leave it at the gas.
    pub fn logs(
        &mut self,
        block: &mut BlockLogs<Placed<P::Event>>,
        txs: &[Option<TxId>],
        batch: Range<usize>,
    ) {
        if batch.start == 0 {
            self.notify_watchers(block.seen, block.timestamp);
            self.without_receipts.clear();
        }
        let last = batch.end == block.transactions.len();
        let moment = BlockMoment {
            number: block.number,
            seen: block.seen,
            timestamp: block.timestamp,
        };
        for ((hash, events), tx) in block.transactions[batch.clone()].iter_mut().zip(&txs[batch]) {
            let mut pending = tx.and_then(|tx| self.pending.remove(tx));
            let events = std::mem::take(events);
            let events = self.include(&moment, *hash, pending.as_deref_mut(), None, events);
            if let Some(pending) = pending {
                self.pending.insert(pending);
            }
            self.without_receipts.push_back((*hash, events));
        }
        self.record_violations(Some(block.number));
        if last {
            self.early.clear();
            self.entered = Some(block.number);
            self.reach(&moment);
            self.release(block.seen);
            self.make_early_reads();
        }
    }

    /// The chain has a new block; `txs` are the run's numbers of its transactions, `None` for those of others, and `events`
    /// what they caused, where [`Engine::logs`] did not have it. Of these it takes `batch`: a block is taken whole or in
    /// batches, in their order.
    pub fn block(
        &mut self,
        block: &Block,
        txs: &[Option<TxId>],
        events: &mut [Vec<Placed<P::Event>>],
        batch: Range<usize>,
    ) {
        let head = BlockHead {
            number: block.number,
            seen: block.seen,
            timestamp: block.timestamp,
            base_fee: block.base_fee,
        };
        if batch.start == 0 {
            self.open_block(&head);
        }
        let last = batch.end == block.receipts.len();
        for place in batch {
            let events = events.get_mut(place).map(std::mem::take).unwrap_or_default();
            self.receipt(&head, &block.receipts[place], txs[place], events);
        }
        if last {
            self.close_block(block, block.receipts.len());
        } else {
            self.record_violations(Some(block.number));
        }
    }

    /// The chain has a new block, of which only this is known: its receipts follow one by one.
    pub(in crate::driver) fn open_block(&mut self, head: &BlockHead) {
        self.last_block = head.seen;
        self.notify_watchers(head.seen, head.timestamp);
    }

    /// All of a new block's receipts were taken, so many.
    pub(in crate::driver) fn close_block(&mut self, block: &Block, transactions: usize) {
        self.record_violations(Some(block.number));
        let record = Record::Block(BlockRecord {
            number: block.number,
            timestamp: block.timestamp,
            seen: block.seen,
            gas_used: block.gas_used,
            gas_limit: block.gas_limit,
            base_fee: block.base_fee,
            transactions: transactions as u32,
        });
        self.record(Some(block.number), &record);
        if self.entered != Some(block.number) || std::mem::take(&mut self.entered_late) {
            self.reach(&BlockMoment {
                number: block.number,
                seen: block.seen,
                timestamp: block.timestamp,
            });
        }
        self.release(block.seen);
        self.make_early_reads();
        self.without_receipts.clear();
        if let Some(settled) = self
            .history
            .as_mut()
            .and_then(|history| history.settle(&self.contracts, block.number))
        {
            self.recorder.settle(settled);
        }
    }

    /// Those that watch deadlines learn the chain's time.
    fn notify_watchers(&mut self, seen: Micros, timestamp: u64) {
        if let Some(role) = self.schema.watcher {
            self.notify_all(role, seen, Input::ChainTime(timestamp));
        }
    }

    /// Enters what a transaction in a block did, and closes its record.
    pub(in crate::driver) fn receipt(
        &mut self,
        block: &BlockHead,
        receipt: &Receipt,
        tx: Option<TxId>,
        mut events: Vec<Placed<P::Event>>,
    ) {
        let mut pending = tx.and_then(|tx| self.pending.remove(tx));
        if let Some(pending) = &mut pending {
            // It may have been sent in another form since its events were entered.
            pending.included_as(receipt.hash);
        }
        let outcome = if receipt.success {
            TxOutcome::Included
        } else {
            let reason = self.contracts.decode_error(receipt.output.as_ref());
            match &pending {
                Some(pending) => pending.revert(reason),
                None => TxOutcome::of_revert(reason, false),
            }
        };
        let mut unknown = None;
        let own = pending.as_ref().filter(|_| receipt.success);
        if let Some(own) = own.and_then(|pending| pending.own(None)) {
            let returned = self
                .contracts
                .returned(own.call, own.from, receipt.output.as_ref());
            match returned {
                // Before the logs: they may be about what it opens.
                Ok(Some(what)) => events.insert(
                    0,
                    Placed {
                        index: u64::MAX,
                        what,
                    },
                ),
                Ok(None) => {}
                Err(reason) => unknown = Some(reason),
            }
        }
        let entered = self
            .without_receipts
            .pop_front_if(|(hash, _)| *hash == receipt.hash);
        let events = match entered {
            Some((_, events)) => events,
            None => {
                self.entered_late |= self.entered == Some(block.number);
                let moment = BlockMoment {
                    number: block.number,
                    seen: block.seen,
                    timestamp: block.timestamp,
                };
                self.include(
                    &moment,
                    receipt.hash,
                    pending.as_deref_mut(),
                    outcome.reason(),
                    events,
                )
            }
        };
        let mut kept = None;
        if let Some(pending) = &pending {
            if receipt.success {
                self.check_queued(pending, &events.events, unknown, block.number);
                self.check_misdeed(pending, block.number);
            }
            let inclusion = Inclusion {
                seen: block.seen,
                block_number: block.number,
                block_timestamp: block.timestamp,
                gas_used: receipt.gas_used,
                breakdown: receipt.breakdown.clone(),
                base_fee: block.base_fee,
            };
            kept = self.history.is_some().then(|| outcome.clone());
            self.close(pending, outcome, Some(inclusion), &events.events);
        }
        if let Some(history) = &mut self.history
            && (pending.is_some() || !events.events.is_empty())
        {
            let transaction = KeptTx {
                pending,
                outcome: kept,
                events,
            };
            history.keep(block.number, (block.seen, block.timestamp), transaction);
        }
    }

    /// Enters the events of a transaction: first in the state of the chain, then with its sender, then with all that they
    /// concern.
    fn include(
        &mut self,
        block: &BlockMoment,
        hash: B256,
        mut pending: Option<&mut PendingTransaction<P>>,
        reverted: Option<&str>,
        placed: Vec<Placed<P::Event>>,
    ) -> Events<P> {
        self.follow_sessions(pending.as_deref_mut(), hash, &placed);
        let places: Vec<u64> = if self.early.is_empty() {
            Vec::new()
        } else {
            placed.iter().map(|placed| placed.index).collect()
        };
        let events: Vec<P::Event> = placed
            .into_iter()
            .map(|placed| self.contracts.of_run(placed.what))
            .collect();
        if let Some(pending) = &mut pending {
            self.enter_misdeed(pending, reverted.is_some());
        }
        let transaction = InBlock {
            seen: block.seen,
            number: block.number,
            timestamp: block.timestamp,
            own: pending.as_deref().and_then(|pending| pending.own(reverted)),
            events: &events,
        };
        self.state.enter(&self.contracts, &transaction);
        if let Some(pending) = pending
            && pending.in_block != Some(block.number)
        {
            let outcome = reverted.map_or(TxOutcome::Included, |reason| pending.revert(reason.to_owned()));
            pending.inclusion_notified =
                self.outcome(pending, block.seen, &outcome, &events, Some(block.number));
            pending.in_block = Some(block.number);
        }
        self.end_tasks(block.number);
        let mut notified = Vec::new();
        for (at, event) in events.iter().enumerate() {
            let ended = event.ended_task();
            if let Some(task) = ended {
                self.task_ended(task, block.number);
            }
            let early = places.get(at).and_then(|place| self.early.remove(place));
            let informed = match early {
                Some(early) if early.event == *event => early.notified,
                _ => self.route(block.seen, block.timestamp, event),
            };
            if let Some(task) = ended
                && !self
                    .contracts
                    .is_asked_for(task, &self.state, self.actors.directory())
            {
                self.state.close(task);
            }
            if self.history.is_some() {
                notified.push(informed);
            }
        }
        Events { events, notified }
    }

    /// A submission that succeeded must have queued a task: one that did not has failed, whoever is to blame. `unknown` is why it
    /// is not known which.
    fn check_queued(
        &mut self,
        pending: &PendingTransaction<P>,
        events: &[P::Event],
        unknown: Option<String>,
        block: u64,
    ) {
        let Some(submission) = pending.submission else {
            return;
        };
        if let Some(reason) = self.state.take_refused(submission) {
            self.never_queued(submission, TaskOutcome::Failed(reason), Some(block));
        } else if !events.iter().any(P::Event::opens_task) && !self.state.has_opened(submission) {
            self.without_task += 1;
            let function = pending.call.function().name();
            let none = || format!("{function} was included and brought no task onto the chain");
            let reason = unknown.unwrap_or_else(none);
            self.never_queued(submission, TaskOutcome::Failed(reason), Some(block));
        }
    }

    /// The chain has come to this block, and all of its transactions are entered: who acts on account of that does, and what ends
    /// by time has ended.
    fn reach(&mut self, block: &BlockMoment) {
        let mut due = Vec::new();
        self.state
            .reach(&self.contracts, self.actors.directory(), block, &mut due);
        self.end_tasks(block.number);
        let reads = self.state.take_reads();
        self.read(reads);
        for (actor, timer) in due {
            self.notify(actor, block.seen, Input::Timer(timer));
        }
    }

    /// Records the tasks that ended without an event that says so.
    fn end_tasks(&mut self, block: u64) {
        for task in self.state.take_ended() {
            self.task_ended(task, block);
        }
    }

    /// Records a task that ended.
    fn task_ended(&mut self, task: TaskKey, block: u64) {
        let task = self.state.task(task);
        if let Some(mut record) = task.and_then(|task| self.submissions.on_chain(&task)) {
            self.contracts.name_on_chain(&mut None, &mut record.key);
            self.record(Some(block), &Record::Task(record));
        }
    }
}

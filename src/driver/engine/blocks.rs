//! Processes blocks: enters events in the ledger and notifies the actors that they concern.

use std::ops::Range;

use alloy::primitives::Address;

use super::{
    super::{
        TxId,
        pending::{Inclusion, PendingTransaction},
    },
    Engine,
    doubt::NotifiedBefore,
    history::KeptTx,
};
use crate::{
    actor::Input,
    chain::{Block, BlockLogs, Log, Receipt},
    protocol::{Concerns, Event, Role, TaskKey, TaskState},
    record::{BlockRecord, Record, TaskOutcome, TxOutcome},
    time::Micros,
};

impl Engine {
    /// A log of a block was announced that was seen at `seen`, before the block is read. An oracle may answer it at
    /// once; it will hear of it again with the block, to which all else is left.
    pub fn heard(&mut self, seen: Micros, block_timestamp: u64, log: &Log) {
        if self.contracts.has_all_sessions()
            && let Some(event) = self.contracts.decode(log)
            && let Some(key) = event.endable_task()
            && let Some(oracle) = self.actors.oracle_of(key)
        {
            self.notify(oracle, seen, Input::Event(&event, block_timestamp));
        }
    }

    /// The priority logs of a new block are known, the others not yet: `txs` are the run's numbers of those that wrote any.
    /// The actors that they concern are notified once, now; all else is left to [`Engine::logs`]. So is the whole block if the
    /// logs of the one before it have not come yet: who acts on a block must know of what led to it. `batch` is as in
    /// [`Engine::block`].
    pub fn priority_logs(&mut self, block: &BlockLogs, txs: &[Option<TxId>], batch: Range<usize>) {
        if self.notified != Some(block.number - 1) || !self.contracts.has_all_sessions() {
            return;
        }
        for ((_, logs), tx) in block.transactions[batch.clone()].iter().zip(&txs[batch]) {
            let events = self.events(logs);
            if let Some(mut pending) = tx.and_then(|tx| self.pending.remove(&tx)) {
                if pending.call.function().needs_no_events() {
                    self.outcome(
                        &pending,
                        block.seen,
                        &TxOutcome::Included,
                        &events,
                        Some(block.number),
                    );
                    pending.notified_early = Some(block.number);
                }
                self.pending.insert(pending.id, pending);
            }
            for event in events {
                // Actors of a task that is not known yet are notified with all logs.
                let known = event.task().is_some_and(|key| self.ledger.task(key).is_some());
                let is_news = !self.doubts.contain(&event);
                if is_news && (known || event.assignment().is_some()) {
                    self.route_one(block.seen, block.timestamp, &event);
                    self.notified_early.insert(event);
                }
            }
        }
    }

    /// The chain has a new block; `txs` are the run's numbers of its transactions, `None` for those of others. Of these it
    /// takes `batch`: a block is taken whole or in batches, in their order.
    pub fn block(&mut self, block: &Block, txs: &[Option<TxId>], batch: Range<usize>) {
        if batch.start == 0 {
            let record = Record::Block(BlockRecord {
                number: block.number,
                timestamp: block.timestamp,
                seen: block.seen,
                gas_used: block.gas_used,
                gas_limit: block.gas_limit,
                base_fee: block.base_fee,
                transactions: block.receipts.len() as u32,
            });
            self.record(Some(block.number), &record);
            self.last_block = block.seen;
            self.notify_all(Role::ORACLE, block.seen, Input::ChainTime(block.timestamp));
        }
        let last = batch.end == block.receipts.len();
        for (receipt, tx) in block.receipts[batch.clone()].iter().zip(&txs[batch]) {
            self.receipt(block, receipt, *tx);
        }
        self.record_violations(Some(block.number));
        if last {
            self.release(block.seen);
            self.heard.clear();
            if let Some(settled) = self
                .history
                .as_mut()
                .and_then(|history| history.settle(block.number))
            {
                self.recorder.settle(settled);
            }
        }
    }

    /// The logs of a new block are known, the gas of its transactions not yet: `txs` are the run's numbers of those that
    /// wrote any, `batch` as in [`Engine::block`]. Actors are notified of all logs now, and [`Engine::block`] will
    /// leave it at the gas.
    pub fn logs(&mut self, block: &BlockLogs, txs: &[Option<TxId>], batch: Range<usize>) {
        if batch.start == 0 {
            self.notify_all(Role::ORACLE, block.seen, Input::ChainTime(block.timestamp));
        }
        let last = batch.end == block.transactions.len();
        for ((hash, logs), tx) in block.transactions[batch.clone()].iter().zip(&txs[batch]) {
            let mut pending = tx.and_then(|tx| self.pending.remove(&tx));
            self.follow_sessions(pending.as_mut(), *hash, logs);
            let events = self.events(logs);
            self.enter([block.seen.0, block.timestamp], &events, pending.as_ref(), None);
            if let Some(mut pending) = pending {
                if pending.notified_early.is_none() {
                    self.outcome(
                        &pending,
                        block.seen,
                        &TxOutcome::Included,
                        &events,
                        Some(block.number),
                    );
                }
                pending.notified = Some(block.number);
                self.pending.insert(pending.id, pending);
            }
            self.route(block.number, block.seen, block.timestamp, &events);
            if self.history.is_some() {
                self.heard.extend(events);
            }
        }
        self.record_violations(Some(block.number));
        if last {
            self.notified_early.clear();
            self.notified = Some(block.number);
            self.release(block.seen);
            self.early_replies();
        }
    }

    /// Enters what a transaction in a block did: first in the ledger, then with its sender, then with all that the
    /// events concern. Where actors were notified of its logs before, only its record is closed.
    fn receipt(&mut self, block: &Block, receipt: &Receipt, tx: Option<TxId>) {
        let mut pending = tx.and_then(|tx| self.pending.remove(&tx));
        self.follow_sessions(pending.as_mut(), receipt.hash, &receipt.logs);
        let events = self.events(&receipt.logs);
        let notified = self.notified == Some(block.number) && !receipt.logs.is_empty();
        if !notified {
            let reverted = (!receipt.success).then(|| self.contracts.decode_error(receipt.output.as_ref()));
            self.enter(
                [block.seen.0, block.timestamp],
                &events,
                pending.as_ref(),
                reverted.as_deref(),
            );
        }
        let mut kept = None;
        if let Some(pending) = &pending {
            let outcome = if receipt.success {
                TxOutcome::Included
            } else {
                TxOutcome::Reverted(self.contracts.decode_error(receipt.output.as_ref()))
            };
            if !notified {
                self.outcome(pending, block.seen, &outcome, &events, Some(block.number));
            }
            if receipt.success {
                self.check_queued(pending, &events, block.number);
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
            self.close(pending, outcome, Some(inclusion), &events);
        }
        if !notified {
            self.route(block.number, block.seen, block.timestamp, &events);
        }
        if let Some(history) = &mut self.history
            && (pending.is_some() || !events.is_empty())
        {
            let transaction = KeptTx {
                pending,
                outcome: kept,
                events,
            };
            history.keep(block.number, (block.seen, block.timestamp), transaction);
        }
    }

    /// A submission that succeeded must have queued a task: one that did not has failed, whoever is to blame.
    fn check_queued(&mut self, pending: &PendingTransaction, events: &[Event], block: u64) {
        let Some(submission) = pending.submission else {
            return;
        };
        if !events.iter().any(Event::opens_task) {
            self.without_task += 1;
            let reason = "submitTask was included and queued no task: no TaskQueued event".to_owned();
            self.never_queued(submission, TaskOutcome::Failed(reason), Some(block));
        }
    }

    pub(super) fn events(&self, logs: &[Log]) -> Vec<Event> {
        logs.iter().filter_map(|log| self.contracts.decode(log)).collect()
    }

    /// Enters the events of a transaction in the ledger, in the audit and in the model. `times` are when its block was
    /// seen, in µs, and the block's timestamp in seconds; `reverted` says why it did, if it did.
    fn enter(
        &mut self,
        times: [u64; 2],
        events: &[Event],
        pending: Option<&PendingTransaction>,
        reverted: Option<&str>,
    ) {
        let [seen, timestamp] = times;
        let seen = Micros(seen);
        self.timestamp = timestamp;
        self.touch(events, pending);
        if let Some(model) = &mut self.model {
            if self.contracts.renumbers() {
                model.forget_session_order();
            }
            let own = pending.map(|pending| pending.included(reverted));
            model.enter(timestamp, own, events);
        }
        let call = pending.map(|pending| &pending.call);
        let submission = pending.and_then(|pending| pending.submission);
        for event in events {
            self.ledger.enter(seen, event, call, submission);
            self.audit.enter(event);
        }
    }

    /// Notifies every actor that the events of a transaction concern, unless notified before, and keeps track of
    /// sessions and tasks.
    fn route(&mut self, block: u64, seen: Micros, timestamp: u64, events: &[Event]) {
        for event in events {
            self.note(event, block);
            if self.notified_early.is_empty() || !self.notified_early.remove(event) {
                match self.doubts.remove(event) {
                    NotifiedBefore::Nobody => self.route_one(seen, timestamp, event),
                    NotifiedBefore::All => self.route_again(seen, timestamp, event),
                    NotifiedBefore::Miners(before) => {
                        self.route_reassigned(seen, timestamp, event, &before);
                    }
                }
            }
            if let Some(key) = event.ended_task()
                && !self.session_owner.contains_key(&key.session)
            {
                self.ledger.close(key);
            }
        }
    }

    /// Takes note of a session that is ours and of a task that ended.
    fn note(&mut self, event: &Event, block: u64) {
        if let Some((session, owner)) = event.opened_session()
            && let Some(owner) = self.actors.at(owner)
        {
            self.session_owner.insert(session, owner);
        }
        if let Some(key) = event.ended_task() {
            self.task_ended(key, block);
        }
    }

    /// Notifies all actors that an event concerns.
    fn route_one(&mut self, seen: Micros, timestamp: u64, event: &Event) {
        let input = Input::Event(event, timestamp);
        match event.concerns() {
            Concerns::Nobody => {}
            Concerns::Miners(miners) => self.notify_addresses(miners, seen, input),
            Concerns::Assigned(key) => self.notify_seats(key, seen, input),
            Concerns::AssignedAndOwner(key) => {
                self.notify_seats(key, seen, input);
                if let Some(owner) = self.session_owner.get(&key.session) {
                    self.notify(*owner, seen, input);
                }
            }
        }
        self.notify_oracle(seen, timestamp, event);
    }

    /// Notifies the oracle that watches the event's task.
    pub(super) fn notify_oracle(&mut self, seen: Micros, timestamp: u64, event: &Event) {
        if let Some(oracle) = event.task().and_then(|key| self.actors.oracle_of(key)) {
            self.notify(oracle, seen, Input::Event(event, timestamp));
        }
    }

    pub(super) fn notify_addresses(&mut self, addresses: &[Address], now: Micros, input: Input<'_>) {
        for address in addresses {
            if let Some(actor) = self.actors.at(*address) {
                self.notify(actor, now, input);
            }
        }
    }

    /// Notifies every miner that a task is assigned to.
    fn notify_seats(&mut self, key: TaskKey, now: Micros, input: Input<'_>) {
        let miners: Vec<_> = self
            .ledger
            .task(key)
            .into_iter()
            .flat_map(TaskState::miners)
            .collect();
        self.notify_addresses(&miners, now, input);
    }

    /// Records a task that ended.
    fn task_ended(&mut self, key: TaskKey, block: u64) {
        if let Some(mut record) = self
            .ledger
            .task(key)
            .and_then(|task| self.submissions.queued(task))
        {
            self.contracts.name_on_chain(&mut None, &mut record.key);
            self.record(Some(block), &Record::Task(record));
        }
    }
}

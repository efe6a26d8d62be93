//! What a block did: entered in the ledger, and told to all whom it concerns.

use alloy::primitives::Address;

use super::{
    super::{TxId, pending::Inclusion},
    Engine,
};
use crate::{
    actor::Input,
    chain::{Block, Receipt},
    protocol::{Event, Role, TaskKey, TaskState},
    record::{BlockRecord, Record, TxOutcome},
    time::Micros,
};

impl Engine {
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
            self.audit.enter(event);
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
                breakdown: receipt.breakdown.clone(),
                base_fee: block.base_fee,
            };
            self.over(pending, block.seen, outcome, Some(inclusion), &events);
        }
        for event in &events {
            self.route(block, event);
        }
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

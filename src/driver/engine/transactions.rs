//! Bookkeeping of transactions, from the moment one is handed to the chain to its end.

use alloy::primitives::{Address, B256};

use super::{
    super::{
        TxId, UnderWay,
        pending::{Inclusion, PendingTransaction},
    },
    Engine,
};
use crate::{
    actor::Input,
    chain::Eip1559Fees,
    protocol::{ActorId, Call, Event, Function, Phase},
    record::{Record, TaskOutcome, TxOutcome},
    time::Micros,
};

impl Engine {
    /// A transaction was handed to the chain; more than once if it was sent again. Its hash may not be known yet.
    pub fn sent(&mut self, tx: TxId, at: Micros, nonce: u64, hash: Option<B256>, fees: Eip1559Fees) {
        if let Some(pending) = self.pending.get_mut(&tx) {
            pending.sent.get_or_insert(at);
            pending.nonce = Some(nonce);
            pending.fees = Some(fees);
            pending.attempts += 1;
            pending.hash = hash;
        }
    }

    /// A transaction was handed to the chain once more because that did not take it, or did not answer.
    pub fn sent_again(&mut self, tx: TxId) {
        if let Some(pending) = self.pending.get_mut(&tx) {
            pending.resends += 1;
        }
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
            self.outcome(&pending, now, &outcome, &[], None);
            self.close(&pending, outcome, None, &[]);
        }
    }

    /// Notifies a transaction's sender of its outcome, and enters what follows from that.
    /// `block` is the one that decided it.
    pub(super) fn outcome(
        &mut self,
        pending: &PendingTransaction,
        now: Micros,
        outcome: &TxOutcome,
        events: &[Event],
        block: Option<u64>,
    ) {
        if self.tries_again(pending, now, outcome) {
            return;
        }
        if let Some(reason) = outcome.reason() {
            let function = pending.call.function();
            if let Some(submission) = pending.submission {
                let failed = TaskOutcome::Failed(format!("{} {}: {reason}", function.name(), outcome.name()));
                self.never_queued(submission, failed, block);
            }
            if pending.phase == Phase::Setup && function != Function::FillNonce {
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
        if let (Call::EndAck(key), TxOutcome::Included) = (&pending.call, outcome) {
            self.ledger.ack_ended(*key);
        }
        if !(pending.outcome_notified && *outcome == TxOutcome::Included) {
            self.notify(pending.actor, now, Input::Outcome(&pending.call, outcome, events));
        }
    }

    /// Closes the record of a transaction.
    pub(super) fn close(
        &mut self,
        pending: &PendingTransaction,
        outcome: TxOutcome,
        inclusion: Option<Inclusion>,
        events: &[Event],
    ) {
        let block = inclusion.as_ref().map(|inclusion| inclusion.block_number);
        let task = events.iter().find_map(Event::task);
        let session = events.iter().find_map(Event::session);
        let record = pending.record(outcome, inclusion, session, task);
        self.record(block, &Record::Transaction(record));
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
            sent: pending.sent?,
            attempts: pending.attempts,
        })
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

    /// The number of times that a transaction was handed to the node; `None` if it is over.
    #[must_use]
    pub fn attempts(&self, tx: TxId) -> Option<u32> {
        self.pending.get(&tx).map(|pending| pending.attempts)
    }
}

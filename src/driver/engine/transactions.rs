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
    chain::Eip1559Fees,
    protocol::{
        ActorId, DeployedContracts, Function, Input, Invocation, Protocol, ProtocolCall, ProtocolEvent,
    },
    record::{Record, TaskOutcome, TxOutcome},
    time::Micros,
};

impl<P: Protocol> Engine<P> {
    /// A transaction was handed to the chain; more than once if it was sent again. Its hash may not be known yet.
    pub fn sent(&mut self, tx: TxId, at: Micros, nonce: u64, hash: Option<B256>, fees: Eip1559Fees) {
        if let Some(pending) = self.pending.get_mut(tx) {
            pending.sent.get_or_insert(at);
            pending.nonce = Some(nonce);
            pending.attempts += 1;
            pending.sent_as(hash, fees);
        }
    }

    /// A transaction was handed to the chain once more because that did not take it, or did not answer.
    pub fn sent_again(&mut self, tx: TxId) {
        if let Some(pending) = self.pending.get_mut(tx) {
            pending.resends += 1;
        }
    }

    /// The chain took a transaction, and answered with its hash.
    pub fn accepted(&mut self, tx: TxId, at: Micros, hash: B256) {
        if let Some(pending) = self.pending.get_mut(tx) {
            pending.hash.get_or_insert(hash);
            let is_new = pending.accepted.is_none();
            pending.accepted.get_or_insert(at);
            if is_new {
                self.show(tx, at);
            }
        }
    }

    /// A transaction came to its end without ever being in a block.
    pub fn failed(&mut self, tx: TxId, now: Micros, outcome: TxOutcome) {
        if let Some(pending) = self.pending.remove(tx) {
            self.outcome(&pending, now, &outcome, &[], None);
            self.close(&pending, outcome, None, &[]);
        }
    }

    /// Notifies a transaction's sender of its outcome, and enters what follows from that. `block` is the one that decided it.
    /// Returns whether the sender knows now that it was included.
    pub(super) fn outcome(
        &mut self,
        pending: &PendingTransaction<P>,
        now: Micros,
        outcome: &TxOutcome,
        events: &[P::Event],
        block: Option<u64>,
    ) -> bool {
        if pending.dishonest.is_some() {
            self.misdeed_outcome(pending, now, outcome, events, block);
            return *outcome == TxOutcome::Included;
        }
        let missed = pending.wanted.is_some() && *outcome == TxOutcome::Included;
        if missed {
            // What it did, it did for another session than was wanted.
            self.notify(pending.actor, now, Input::Outcome(&pending.call, outcome, events));
        }
        if self.tries_again(pending, now, outcome) || missed {
            return missed;
        }
        if let Some(reason) = outcome.reason() {
            let function = pending.call.function();
            if let Some(submission) = pending.submission {
                let failed = TaskOutcome::Failed(format!("{} {}: {reason}", function.name(), outcome.name()));
                self.never_queued(submission, failed, block);
            }
            if pending.phase.is_setup() && !function.is_filler() {
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
        let included = *outcome == TxOutcome::Included;
        if !(pending.outcome_notified && included) {
            let call = pending.wanted.as_ref().unwrap_or(&pending.call);
            self.notify(pending.actor, now, Input::Outcome(call, outcome, events));
        }
        included
    }

    /// Closes the record of a transaction.
    pub(super) fn close(
        &mut self,
        pending: &PendingTransaction<P>,
        outcome: TxOutcome,
        inclusion: Option<Inclusion>,
        events: &[P::Event],
    ) {
        let block = inclusion.as_ref().map(|inclusion| inclusion.block_number);
        let task = events.iter().find_map(P::Event::task);
        let session = events.iter().find_map(P::Event::session);
        let mut record = pending.record(outcome, inclusion, session, task);
        self.contracts
            .name_on_chain(&mut record.session, &mut record.task);
        self.record(block, &Record::Transaction(record));
    }

    /// A deadline of a transaction passed.
    pub fn passed_deadline(&mut self, tx: TxId) {
        if let Some(pending) = self.pending.get_mut(tx) {
            pending.deadlines += 1;
        }
    }

    /// A transaction is sent again that a reorg has cost the node.
    pub fn excuse(&mut self, tx: TxId) {
        if let Some(pending) = self.pending.get_mut(tx) {
            pending.after_reorgs += 1;
        }
    }

    /// A transaction is waited for no longer, for this reason: a filler with its nonce is on its way. It may still come into a
    /// block, and then was included; otherwise [`Engine::superseded`] is its end.
    pub fn cancel(&mut self, tx: TxId, reason: String) {
        if let Some(pending) = self.pending.get_mut(tx) {
            pending.cancelled = Some(reason);
        }
    }

    /// Another transaction used the nonce of this one.
    pub fn superseded(&mut self, tx: TxId, now: Micros) {
        let cancelled = self.pending.get(tx).and_then(|pending| pending.cancelled.clone());
        let reason = cancelled.unwrap_or_else(|| "what it was to replace came into a block".to_owned());
        self.failed(tx, now, TxOutcome::Lost(reason));
    }

    /// The function that a transaction calls, whose account sends it, and the nonce and hash that it was last sent with;
    /// `None` if it is over, or cancelled.
    #[must_use]
    pub fn under_way(&self, tx: TxId) -> Option<UnderWay> {
        let pending = self
            .pending
            .get(tx)
            .filter(|pending| pending.cancelled.is_none())?;
        Some(UnderWay {
            actor: pending.actor,
            function: pending.call.function(),
            nonce: pending.nonce?,
            fees: pending.fees?,
            hash: pending.hash,
            earlier: pending.earlier_hashes(),
            sent: pending.sent?,
            attempts: pending.attempts.saturating_sub(pending.after_reorgs),
            deadlines: pending.deadlines,
        })
    }

    /// The function that a transaction under way calls.
    #[must_use]
    pub fn function(&self, tx: TxId) -> Option<Function> {
        self.pending.get(tx).map(|pending| pending.call.function())
    }

    /// Whether a transaction is under way to a session that has another id since it was encoded.
    #[must_use]
    pub fn misses_session(&self, tx: TxId) -> bool {
        self.pending.get(tx).is_some_and(|pending| {
            pending.encoded_for.is_some()
                && self.contracts.session_on_chain(&pending.call) != pending.encoded_for
        })
    }

    /// What a transaction calls, encoded to be sent again; `None` if it is over.
    #[must_use]
    pub fn encode_again(&mut self, tx: TxId) -> Option<Invocation> {
        let pending = self.pending.get_mut(tx)?;
        if let Some(dishonest) = &pending.dishonest
            && let Some((edited, _)) = &dishonest.edited
        {
            return Some(edited.clone());
        }
        pending.encoded_for = self.contracts.session_on_chain(&pending.call);
        Some(self.contracts.encode(&pending.call))
    }

    /// The account that sends a transaction; `None` if it is over.
    #[must_use]
    pub fn account(&self, tx: TxId) -> Option<Address> {
        self.pending.get(tx).map(|pending| pending.from)
    }

    /// Whose account a transaction was sent from, and its nonce; `None` if it is over.
    #[must_use]
    pub fn place(&self, tx: TxId) -> Option<(ActorId, u64)> {
        let pending = self.pending.get(tx)?;
        Some((pending.actor, pending.nonce?))
    }

    /// The number of times that a transaction was handed to the node; `None` if it is over.
    #[must_use]
    pub fn attempts(&self, tx: TxId) -> Option<u32> {
        self.pending.get(tx).map(|pending| pending.attempts)
    }
}

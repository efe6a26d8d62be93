//! Dishonest calls: sent as they are, recorded as misdeeds, and no failure of the run if they are refused.

use super::{
    super::pending::{Dishonest, PendingTransaction},
    Command, Engine,
};
use crate::{
    driver::TxId,
    protocol::{
        ActorId, ChainState, DeployedContracts, Input, Invocation, Misdeed, Place, Protocol, ProtocolCall,
        PublicTransaction, TxOutcome, Violation,
    },
    record::{Record, TaskOutcome},
    time::Micros,
};

impl<P: Protocol> Engine<P> {
    /// Registers a dishonest transaction and has it sent. What follows from a reorg does not concern it.
    pub(super) fn misbehave(
        &mut self,
        actor: ActorId,
        call: P::Call,
        edited: Option<Invocation>,
        intended: Micros,
        (misdeed, place): (Misdeed, Place),
    ) {
        // A task beside those of the load is counted once it is on the chain.
        let submission = match place {
            Place::Beside => None,
            Place::Instead | Place::Consequence => {
                if self.drops(actor, &call, intended) {
                    return;
                }
                self.submission_of(actor, &call, intended)
            }
        };
        let (tx, encoded) = self.open_of(actor, call, intended, submission);
        let Some(pending) = self.pending.get_mut(tx) else {
            return;
        };
        let invocation = edited.clone().unwrap_or(encoded);
        if edited.is_some() {
            pending.encoded_for = None;
        }
        let edited = edited.map(|edited| {
            let call = self.contracts.decode_call(pending.from, &edited);
            (edited, call)
        });
        pending.dishonest = Some(Box::new(Dishonest {
            misdeed,
            place,
            edited,
            phase: None,
        }));
        self.commands.push(Command::Send {
            tx,
            actor,
            invocation,
        });
    }

    /// A transaction was taken into the mempool: who reads that sees it. Dishonest ones are not shown, since their senders
    /// would answer each other for ever.
    pub(super) fn show(&mut self, tx: TxId, at: Micros) {
        if self.readers.is_empty() || !self.under_load {
            return;
        }
        let Some(pending) = self.pending.get(tx) else {
            return;
        };
        if pending.dishonest.is_some() || pending.call.function().is_filler() {
            return;
        }
        let (sender, seen) = (
            pending.actor,
            PublicTransaction {
                from: pending.from,
                invocation: self.contracts.encode(&pending.call),
                call: pending.call.clone(),
            },
        );
        let readers = std::mem::take(&mut self.readers);
        for reader in readers.iter().filter(|reader| **reader != sender) {
            self.notify(*reader, at, Input::Seen(&seen));
        }
        self.readers = readers;
    }

    /// Takes note of where the task of a dishonest transaction stands before the transaction is entered, and counts the task
    /// that it brings onto the chain beside those of the load.
    pub(super) fn enter_misdeed(&mut self, pending: &mut PendingTransaction<P>, reverted: bool) {
        let Some(dishonest) = &mut pending.dishonest else {
            return;
        };
        dishonest.phase = pending.call.task().and_then(|task| self.state.phase(task));
        if !reverted
            && pending.submission.is_none()
            && pending.call.submits_task()
            && self.submitters == Some(pending.actor.role)
        {
            pending.submission = self.submission_of(pending.actor, &pending.call, pending.intended);
        }
    }

    /// Notifies the sender of a dishonest transaction of its outcome, if it waits for that, as if it was an honest one.
    pub(super) fn misdeed_outcome(
        &mut self,
        pending: &PendingTransaction<P>,
        now: Micros,
        outcome: &TxOutcome,
        events: &[P::Event],
        block: Option<u64>,
    ) {
        if let (Some(reason), Some(submission)) = (outcome.reason(), pending.submission) {
            let name = pending.call.function().name();
            let failed = TaskOutcome::Failed(format!("{name} {}: {reason}", outcome.name()));
            self.never_queued(submission, failed, block);
        }
        if !pending.is_awaited() || pending.outcome_notified && *outcome == TxOutcome::Included {
            return;
        }
        let as_honest = match outcome {
            TxOutcome::Repelled(reason) => TxOutcome::of_revert(reason.clone(), pending.call.races()),
            other => other.clone(),
        };
        self.notify(
            pending.actor,
            now,
            Input::Outcome(&pending.call, &as_honest, events),
        );
    }

    /// A transaction succeeded: a dishonest one that must be refused is a violation.
    pub(super) fn check_misdeed(&mut self, pending: &PendingTransaction<P>, block: u64) {
        let Some(dishonest) = pending
            .dishonest
            .as_ref()
            .filter(|_| pending.is_wrongly_accepted())
        else {
            return;
        };
        let violation = Violation {
            invariant: self.schema.misbehaviour,
            task: pending.call.task(),
            detail: format!(
                "{} of {} ({}, {}) was accepted, must be refused",
                pending.call.function().name(),
                pending.actor,
                pending.from,
                dishonest.misdeed.behaviour,
            ),
        };
        self.record(Some(block), &Record::Violation(violation));
    }
}

//! Undo history of the latest blocks, for reorgs.
//!
//! The ledger is kept twice: as it is, and as it was before the blocks that may still be replaced. To undo a block, the
//! second is taken and the blocks that stay are entered again.

use std::collections::VecDeque;

use alloy::primitives::B256;

use super::{
    super::{TxId, pending::PendingTransaction},
    Engine,
};
use crate::{
    chain::Log,
    protocol::{Audit, Call, Event, Ledger, Model, SessionRef},
    record::{Record, TxOutcome},
    time::Micros,
};

/// The blocks that may still be replaced.
#[derive(Debug)]
pub(super) struct History {
    depth: u64,
    /// What all blocks before these came to.
    settled: ChainState,
    blocks: VecDeque<Kept>,
}

/// What events come to.
#[derive(Clone, Debug, Default)]
struct ChainState {
    ledger: Ledger,
    audit: Audit,
    model: Option<Model>,
}

/// A block that may still be replaced.
#[derive(Debug)]
struct Kept {
    number: u64,
    seen: Micros,
    /// Seconds since the Unix epoch.
    timestamp: u64,
    transactions: Vec<KeptTx>,
}

/// A transaction of such a block.
#[derive(Debug)]
pub(super) struct KeptTx {
    /// `None` for one of somebody else.
    pub(super) pending: Option<PendingTransaction>,
    pub(super) outcome: Option<TxOutcome>,
    pub(super) events: Vec<Event>,
}

impl ChainState {
    fn enter(&mut self, block: &Kept) {
        for transaction in &block.transactions {
            let call = transaction.pending.as_ref().map(|pending| &pending.call);
            let submission = transaction
                .pending
                .as_ref()
                .and_then(|pending| pending.submission);
            for event in &transaction.events {
                self.ledger.enter(block.seen, event, call, submission);
                self.audit.enter(event);
            }
            if let Some(model) = &mut self.model {
                let reverted = transaction.outcome.as_ref().and_then(TxOutcome::reason);
                let own = transaction
                    .pending
                    .as_ref()
                    .map(|pending| pending.included(reverted));
                model.enter(block.timestamp, own, &transaction.events);
            }
            if let (Some(Call::EndAck(key)), Some(TxOutcome::Included)) = (call, &transaction.outcome) {
                self.ledger.ack_ended(*key);
            }
        }
        // They were recorded when the block was new.
        self.ledger.take_violations();
        if let Some(model) = &mut self.model {
            model.take_violations();
        }
    }

    /// Forgets the tasks that ended in a block which stays: nothing more will be asked about them.
    fn forget_ended(&mut self, block: &Kept) {
        for event in block
            .transactions
            .iter()
            .flat_map(|transaction| &transaction.events)
        {
            if let Some(key) = event.ended_task() {
                self.ledger.close(key);
            }
        }
    }
}

impl History {
    /// A history of so many blocks of contracts that nobody has used yet.
    pub(super) fn of(depth: u64, model: Option<Model>) -> Self {
        Self {
            depth,
            settled: ChainState {
                model,
                ..ChainState::default()
            },
            blocks: VecDeque::new(),
        }
    }

    /// A transaction of the newest block came to its end there. `times` are when the block was seen, and its timestamp.
    pub(super) fn keep(&mut self, number: u64, times: (Micros, u64), transaction: KeptTx) {
        let (seen, timestamp) = times;
        match self.blocks.back_mut() {
            Some(block) if block.number == number => block.transactions.push(transaction),
            _ => self.blocks.push_back(Kept {
                number,
                seen,
                timestamp,
                transactions: vec![transaction],
            }),
        }
    }

    /// The chain has come to block `number`: what lies too deep stays as it is. Returns up to which block.
    pub(super) fn settle(&mut self, number: u64) -> Option<u64> {
        let settled = number.checked_sub(self.depth)?;
        while let Some(block) = self.blocks.pop_front_if(|block| block.number <= settled) {
            self.settled.enter(&block);
            self.settled.forget_ended(&block);
        }
        Some(settled)
    }

    /// Takes all blocks after `last` out, the latest first.
    fn take_after(&mut self, last: u64) -> Vec<Kept> {
        std::iter::from_fn(|| self.blocks.pop_back_if(|block| block.number > last)).collect()
    }

    /// What the blocks come to that are left.
    fn latest_state(&self) -> ChainState {
        let mut state = self.settled.clone();
        self.blocks.iter().for_each(|block| state.enter(block));
        state
    }
}

impl Engine {
    /// Remembers so many of the latest blocks that they can be undone.
    pub fn remember(&mut self, depth: u64) {
        self.history = Some(History::of(depth, self.model.clone()));
        self.recorder.undo_blocks();
    }

    /// Undoes all that the blocks after `last` did, since they are no longer the chain's. Returns the transactions that are
    /// under way again, and those that were: all of them may be gone.
    pub fn undo_after(&mut self, last: u64, now: Micros) -> Vec<TxId> {
        let Some(history) = &mut self.history else {
            return Vec::new();
        };
        let gone = history.take_after(last);
        let ChainState { ledger, audit, model } = history.latest_state();
        self.ledger = ledger;
        self.model = model;
        self.audit.take_events(&audit);
        // What is read of the chain from here on, or was asked before, may be of either history.
        if self.auditing {
            self.audit.failed();
        }
        for record in self.recorder.undo_from(last + 1) {
            if let Record::Task(task) = &record {
                self.submissions.reopen(task);
            }
        }
        let early: Vec<Event> = self.notified_early.drain().chain(self.heard.drain(..)).collect();
        for event in early {
            self.take_back(now, event);
        }
        for block in gone {
            for KeptTx { pending, events, .. } in block.transactions.into_iter().rev() {
                for event in events.into_iter().rev() {
                    self.take_back(now, event);
                }
                if let Some(mut pending) = pending {
                    pending.notified = Some(block.number);
                    self.pending.insert(pending.id, pending);
                }
            }
        }
        self.notified = self.notified.map(|notified| notified.min(last));
        self.pending
            .values_mut()
            .for_each(PendingTransaction::survive_reorg);
        let mut under_way: Vec<TxId> = self.pending.keys().copied().collect();
        under_way.sort_unstable();
        under_way
    }

    /// A transaction with these logs is in a block. A session that it opened keeps the id that it has in the run, whatever the
    /// chain gives it after a reorg; a call that was encoded for a session which has another id by now was one for another
    /// session.
    pub(super) fn follow_sessions(
        &mut self,
        mut pending: Option<&mut PendingTransaction>,
        hash: B256,
        logs: &[Log],
    ) {
        if let Some(pending) = &mut pending {
            pending.included_as(hash);
        }
        let may_open = match &pending {
            Some(pending) => matches!(pending.call, Call::Create(_)),
            None => self.contracts.renumbers(),
        };
        if self.history.is_none() || !(may_open || self.contracts.renumbers()) {
            return;
        }
        // A transaction of somebody else may open several, of which none is known.
        let known = pending.as_ref().and_then(|pending| pending.opened);
        let mut opened = known;
        if may_open {
            for log in logs {
                if let Some(id) = self.contracts.opened_session(log) {
                    opened = Some(self.contracts.session_opened(id, known));
                }
            }
        }
        let Some(pending) = pending else { return };
        pending.opened = opened;
        if let Some(sent_for) = pending.sent_for
            && self.contracts.session_of(&pending.call) != Some(sent_for)
        {
            let mut made = pending.call.clone();
            if let Some(session) = made.session_mut() {
                *session = self.contracts.session_of_run(sent_for);
            }
            pending.wanted = Some(std::mem::replace(&mut pending.call, made));
        }
    }

    /// Takes back what an event said.
    fn take_back(&mut self, now: Micros, event: Event) {
        if let Some((session, _)) = event.opened_session() {
            let own = self.session_owner.remove(&session).is_some();
            self.contracts.session_undone(session, own);
        }
        if let Some(key) = event.ended_task() {
            self.unchecked.insert(key);
        }
        self.tell_undone(now, &event);
        self.doubts.insert(event);
    }
}

impl PendingTransaction {
    /// There was a reorg. If it was in a block that is no longer the chain's, its sender knows that it was in one.
    fn survive_reorg(&mut self) {
        self.outcome_notified |= self.notified.or(self.notified_early).is_some();
        self.notified = None;
        self.notified_early = None;
        self.wanted = None;
        self.doubted.get_or_insert(0);
    }
}

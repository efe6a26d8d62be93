//! Undo history of the latest blocks, for reorgs.
//!
//! The state of the chain is kept twice: as it is, and as it was before the blocks that may still be replaced. To undo a block,
//! the second is taken and the blocks that stay are entered again.

use std::collections::VecDeque;

use alloy::primitives::B256;

use super::{
    super::{TxId, pending::PendingTransaction},
    Engine,
    route::{Events, Routed},
};
use crate::{
    chain::Placed,
    protocol::{
        Announced, ChainState, DeployedContracts, Directory, InBlock, Protocol, ProtocolEvent, TaskKey,
    },
    record::{Record, TxOutcome},
    time::Micros,
};

/// The blocks that may still be replaced.
#[derive(Debug)]
pub(super) struct History<P: Protocol> {
    depth: u64,
    /// What all blocks before these came to.
    settled: P::State,
    blocks: VecDeque<Kept<P>>,
}

/// A block that may still be replaced.
#[derive(Debug)]
struct Kept<P: Protocol> {
    number: u64,
    seen: Micros,
    /// Seconds since the Unix epoch.
    timestamp: u64,
    transactions: Vec<KeptTx<P>>,
}

/// A transaction of such a block.
#[derive(Debug)]
pub(super) struct KeptTx<P: Protocol> {
    /// `None` for one of somebody else.
    pub(super) pending: Option<Box<PendingTransaction<P>>>,
    pub(super) outcome: Option<TxOutcome>,
    pub(super) events: Events<P>,
}

impl<P: Protocol> Kept<P> {
    /// Enters it in a state of the chain.
    fn enter_in(&self, state: &mut P::State, contracts: &P::Contracts) {
        for transaction in &self.transactions {
            let reverted = transaction.outcome.as_ref().and_then(TxOutcome::reason);
            let pending = transaction.pending.as_ref();
            state.enter(
                contracts,
                &InBlock {
                    seen: self.seen,
                    number: self.number,
                    timestamp: self.timestamp,
                    own: pending.and_then(|pending| pending.own(reverted)),
                    events: &transaction.events.events,
                },
            );
        }
        state.discard();
    }

    /// The tasks that ended in it.
    fn ended(&self) -> impl Iterator<Item = TaskKey> {
        let transactions = self.transactions.iter();
        let events = transactions.flat_map(|transaction| &transaction.events.events);
        events.filter_map(P::Event::ended_task)
    }
}

impl<P: Protocol> History<P> {
    /// A history of so many blocks of contracts that nobody has used yet.
    pub(super) const fn of(depth: u64, unused: P::State) -> Self {
        Self {
            depth,
            settled: unused,
            blocks: VecDeque::new(),
        }
    }

    /// A transaction of the newest block came to its end there. `times` are when the block was seen, and its timestamp.
    pub(super) fn keep(&mut self, number: u64, times: (Micros, u64), transaction: KeptTx<P>) {
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

    /// A task was submitted without a transaction: no reorg takes it back.
    pub(super) fn announce(&mut self, announced: &Announced<'_, P>, actors: &Directory) {
        self.settled.announce(announced, actors, &mut Vec::new());
        self.settled.discard();
    }

    /// The chain has come to block `number`: what lies too deep stays as it is. Returns up to which block.
    pub(super) fn settle(&mut self, contracts: &P::Contracts, number: u64) -> Option<u64> {
        let settled = number.checked_sub(self.depth)?;
        while let Some(block) = self.blocks.pop_front_if(|block| block.number <= settled) {
            block.enter_in(&mut self.settled, contracts);
            // Nothing more will be asked about tasks that ended in a block which stays.
            for task in block.ended() {
                self.settled.close(task);
            }
        }
        Some(settled)
    }

    /// Takes all blocks after `last` out, the latest first.
    fn take_after(&mut self, last: u64) -> Vec<Kept<P>> {
        std::iter::from_fn(|| self.blocks.pop_back_if(|block| block.number > last)).collect()
    }

    /// What the blocks come to that are left.
    fn latest_state(&self, contracts: &P::Contracts) -> P::State {
        let mut state = self.settled.clone();
        for block in &self.blocks {
            block.enter_in(&mut state, contracts);
        }
        state
    }
}

impl<P: Protocol> Engine<P> {
    /// Remembers so many of the latest blocks that they can be undone.
    pub fn remember(&mut self, depth: u64) {
        self.history = Some(History::of(depth, self.state.clone()));
        self.recorder.undo_blocks();
    }

    /// Undoes all that the blocks after `last` did, since they are no longer the chain's. Returns the transactions that are
    /// under way again, and those that were: all of them may be gone.
    pub fn undo_after(&mut self, last: u64, now: Micros) -> Vec<TxId> {
        let Some(history) = &mut self.history else {
            return Vec::new();
        };
        let gone = history.take_after(last);
        self.state.replace(history.latest_state(&self.contracts));
        // What is read of the chain from here on, or was asked before, may be of either history.
        if self.auditing {
            self.state.unreadable();
        }
        for record in self.recorder.undo_from(last + 1) {
            if let Record::Task(task) = &record {
                self.submissions.reopen(task);
            }
        }
        let early = std::mem::take(&mut self.early).into_values();
        let read = std::mem::take(&mut self.without_receipts).into_iter();
        let unread: Vec<_> = early
            .chain(read.flat_map(|(_, events)| events.routed()))
            .collect();
        for routed in unread {
            self.take_back(now, routed);
        }
        for block in gone {
            for KeptTx { pending, events, .. } in block.transactions.into_iter().rev() {
                for routed in events.routed().rev() {
                    self.take_back(now, routed);
                }
                if let Some(mut pending) = pending {
                    pending.in_block = Some(block.number);
                    self.pending.insert(pending);
                }
            }
        }
        self.entered = self.entered.map(|entered| entered.min(last));
        self.pending
            .values_mut()
            .for_each(PendingTransaction::survive_reorg);
        self.pending.ids().collect()
    }

    /// A transaction with these events, in the chain's terms, is in a block. A session that it opened keeps the id that it has in
    /// the run, whatever the chain gives it after a reorg; a call that was encoded for a session which has another id by now was
    /// one for another session.
    pub(super) fn follow_sessions(
        &mut self,
        mut pending: Option<&mut PendingTransaction<P>>,
        hash: B256,
        events: &[Placed<P::Event>],
    ) {
        if let Some(pending) = &mut pending {
            pending.included_as(hash);
        }
        let may_open = match &pending {
            Some(pending) => self.contracts.may_open(&pending.call),
            None => self.contracts.renumbers(),
        };
        if self.history.is_none() || !(may_open || self.contracts.renumbers()) {
            return;
        }
        // A transaction of somebody else may open several, of which none is known.
        let known = pending.as_ref().and_then(|pending| pending.opened);
        let mut opened = known;
        if may_open {
            for placed in events {
                opened = self.contracts.opened(&placed.what, known).or(opened);
            }
        }
        let Some(pending) = pending else { return };
        pending.opened = opened;
        if let Some(sent_for) = pending.sent_for
            && self.contracts.session_on_chain(&pending.call) != Some(sent_for)
        {
            let made = self.contracts.made_for(&pending.call, sent_for);
            pending.wanted = Some(std::mem::replace(&mut pending.call, made));
        }
    }

    /// Takes back what an event said.
    fn take_back(&mut self, now: Micros, routed: Routed<P>) {
        self.contracts.undone(&routed.event, self.actors.directory());
        if let Some(key) = routed.event.ended_task() {
            self.unchecked.insert(key);
        }
        self.notify_undone(now, &routed.event);
        self.doubts.insert(routed);
    }
}

impl<P: Protocol> PendingTransaction<P> {
    /// There was a reorg. If it was in a block that is no longer the chain's, its sender may know that it was in one.
    fn survive_reorg(&mut self) {
        if self.in_block.take().is_some() {
            self.outcome_notified |= self.inclusion_notified;
            self.cancelled = None;
        }
        self.deadlines = 0;
        self.wanted = None;
        self.doubted.get_or_insert(0);
    }
}

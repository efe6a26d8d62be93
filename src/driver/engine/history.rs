//! The latest blocks, and how what they did is undone when they are no longer the chain's.
//!
//! The ledger is kept twice: as it is, and as it was before the blocks that may still be replaced. To undo a block, the
//! second is taken and the blocks that stay are entered again.

use std::collections::VecDeque;

use super::{
    super::{TxId, audit::Audit, pending::Pending},
    Engine,
};
use crate::{
    protocol::{Call, Event, Ledger},
    record::{Record, TxOutcome},
    time::Micros,
};

/// The blocks that may still be replaced.
#[derive(Debug)]
pub(super) struct History {
    depth: u64,
    /// What all blocks before these came to.
    settled: Books,
    blocks: VecDeque<Kept>,
}

/// What events come to.
#[derive(Clone, Debug, Default)]
struct Books {
    ledger: Ledger,
    audit: Audit,
}

/// A block that may still be replaced.
#[derive(Debug)]
struct Kept {
    number: u64,
    seen: Micros,
    transactions: Vec<KeptTx>,
}

/// A transaction of such a block.
#[derive(Debug)]
pub(super) struct KeptTx {
    /// `None` for one of somebody else.
    pub(super) pending: Option<Pending>,
    pub(super) outcome: Option<TxOutcome>,
    pub(super) events: Vec<Event>,
}

impl Books {
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
            if let (Some(Call::EndAck(key)), Some(TxOutcome::Included)) = (call, &transaction.outcome) {
                self.ledger.ack_ended(*key);
            }
        }
        // They were recorded when the block was new.
        self.ledger.take_violations();
    }

    /// Forgets the tasks that ended in a block which stays: nothing more will be asked about them.
    fn forget_ended(&mut self, block: &Kept) {
        for event in block
            .transactions
            .iter()
            .flat_map(|transaction| &transaction.events)
        {
            if let Event::TaskEnded { key, .. } = event {
                self.ledger.close(*key);
            }
        }
    }
}

impl History {
    /// A history of so many blocks.
    pub(super) fn of(depth: u64) -> Self {
        Self {
            depth,
            settled: Books::default(),
            blocks: VecDeque::new(),
        }
    }

    /// A transaction of the newest block came to its end there.
    pub(super) fn keep(&mut self, number: u64, seen: Micros, transaction: KeptTx) {
        match self.blocks.back_mut() {
            Some(block) if block.number == number => block.transactions.push(transaction),
            _ => self.blocks.push_back(Kept {
                number,
                seen,
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

    /// Takes the transactions of all blocks after `last` out, the latest first.
    fn take_after(&mut self, last: u64) -> Vec<KeptTx> {
        let mut gone = Vec::new();
        while let Some(block) = self.blocks.pop_back_if(|block| block.number > last) {
            gone.extend(block.transactions.into_iter().rev());
        }
        gone
    }

    /// What the blocks come to that are left.
    fn books(&self) -> Books {
        let mut books = self.settled.clone();
        self.blocks.iter().for_each(|block| books.enter(block));
        books
    }
}

impl Engine {
    /// Remembers so many of the latest blocks that they can be undone.
    pub fn remember(&mut self, depth: u64) {
        self.history = Some(History::of(depth));
        self.recorder = std::mem::take(&mut self.recorder).undoing();
    }

    /// Undoes all that the blocks after `last` did, since they are no longer the chain's. Returns the transactions that are
    /// under way again. Actors are not told: what they did follows from what they knew, and what comes back in other blocks
    /// they are not told a second time.
    pub fn undo_after(&mut self, last: u64) -> Vec<TxId> {
        let Some(history) = &mut self.history else {
            return Vec::new();
        };
        let gone = history.take_after(last);
        let Books { ledger, audit } = history.books();
        self.ledger = ledger;
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
        let mut again = Vec::new();
        for KeptTx { pending, events, .. } in gone {
            for event in events {
                self.forget(&event);
                self.retold.insert(event);
            }
            if let Some(pending) = pending {
                again.push(pending.id);
                self.pending.insert(pending.id, pending);
            }
        }
        self.retold.extend(self.foretold.drain());
        self.retold.extend(self.heard.drain(..));
        self.told = self.told.map(|told| told.min(last));
        again.sort_unstable();
        let was_in_block = |pending: &Pending| {
            again.binary_search(&pending.id).is_ok() || pending.told.or(pending.foretold).is_some()
        };
        self.pending
            .values_mut()
            .filter(|pending| was_in_block(pending))
            .for_each(Pending::leave_block);
        again
    }

    /// Takes back what an event said of a session, or of results that were read.
    fn forget(&mut self, event: &Event) {
        match event {
            Event::SessionCreated { session, .. } => {
                self.session_owner.remove(session);
            }
            Event::TaskEnded { key, .. } => {
                self.unchecked.insert(*key);
            }
            _ => {}
        }
    }
}

impl Pending {
    /// The block that it was in is no longer the chain's. Its sender knows that it was in one.
    fn leave_block(&mut self) {
        self.told = None;
        self.foretold = None;
        self.outcome_told = true;
    }
}

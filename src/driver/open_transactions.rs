//! The open transactions of a run, by their numbers, which count up.

use std::collections::VecDeque;

use super::{TxId, pending::PendingTransaction};
use crate::protocol::Protocol;

/// The open transactions: a window over their numbers, from the oldest that is open to the newest.
#[derive(Debug)]
pub(super) struct OpenTransactions<P: Protocol> {
    /// The number of the first slot.
    first: TxId,
    /// A slot per number, empty where the transaction is over; the first is not.
    slots: VecDeque<Option<Box<PendingTransaction<P>>>>,
    len: usize,
}

impl<P: Protocol> Default for OpenTransactions<P> {
    fn default() -> Self {
        Self {
            first: 0,
            slots: VecDeque::new(),
            len: 0,
        }
    }
}

impl<P: Protocol> OpenTransactions<P> {
    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Their numbers, in order.
    pub(super) fn ids(&self) -> impl Iterator<Item = TxId> {
        self.slots.iter().flatten().map(|pending| pending.id)
    }

    /// All of them, in the order of their numbers.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut PendingTransaction<P>> {
        self.slots.iter_mut().flatten().map(|pending| &mut **pending)
    }

    /// All of them, in the order of their numbers.
    pub(super) fn into_values(self) -> impl Iterator<Item = Box<PendingTransaction<P>>> {
        self.slots.into_iter().flatten()
    }

    /// The open transaction with this number.
    pub(super) fn get(&self, tx: TxId) -> Option<&PendingTransaction<P>> {
        self.slots.get(self.place(tx)?)?.as_deref()
    }

    /// The open transaction with this number.
    pub(super) fn get_mut(&mut self, tx: TxId) -> Option<&mut PendingTransaction<P>> {
        let place = self.place(tx)?;
        self.slots.get_mut(place)?.as_deref_mut()
    }

    /// Enters a transaction under its number.
    pub(super) fn insert(&mut self, pending: Box<PendingTransaction<P>>) {
        let tx = pending.id;
        if self.slots.is_empty() {
            self.first = tx;
        }
        while tx < self.first {
            self.first -= 1;
            self.slots.push_front(None);
        }
        let place = (tx - self.first) as usize;
        if place >= self.slots.len() {
            self.slots.resize_with(place + 1, || None);
        }
        self.len += usize::from(self.slots[place].is_none());
        self.slots[place] = Some(pending);
    }

    /// Takes the transaction with this number out.
    pub(super) fn remove(&mut self, tx: TxId) -> Option<Box<PendingTransaction<P>>> {
        let place = self.place(tx)?;
        let removed = self.slots.get_mut(place)?.take();
        self.len -= usize::from(removed.is_some());
        while self.slots.pop_front_if(|slot| slot.is_none()).is_some() {
            self.first += 1;
        }
        removed
    }

    fn place(&self, tx: TxId) -> Option<usize> {
        tx.checked_sub(self.first).map(|place| place as usize)
    }
}

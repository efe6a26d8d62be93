//! The accounts of a run: fees and one order of nonces each.

use std::collections::BTreeMap;

use super::{TxId, nonces::Nonces};
use crate::{
    fees::Eip1559Fees,
    protocol::{ActorId, ActorMap},
};

/// An account as a run finds it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    /// Whose it is.
    pub(super) actor: ActorId,
    /// The fees of its transactions.
    pub(super) fees: Eip1559Fees,
    /// The nonce that its next transaction takes.
    pub(super) nonce: u64,
}

/// The fees and nonces of all accounts.
#[derive(Debug)]
pub(super) struct Accounts(ActorMap<AccountState>);

/// A transaction that is waited for no longer, and the filler that was sent in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cancelled {
    pub(super) tx: TxId,
    pub(super) filler: TxId,
}

/// An account's fees and nonces.
#[derive(Debug)]
pub(super) struct AccountState {
    /// Its cancelled transactions that may still come into a block, by nonce.
    pub(super) cancelled: BTreeMap<u64, Cancelled>,
    /// Its transactions under way, by nonce, where the chain may drop some without a word.
    pub(super) under_way: BTreeMap<u64, TxId>,
    pub(super) fees: Eip1559Fees,
    pub(super) nonces: Nonces,
}

impl Accounts {
    pub(super) fn new(accounts: impl IntoIterator<Item = Account>) -> Self {
        let state = |account: Account| AccountState {
            cancelled: BTreeMap::new(),
            under_way: BTreeMap::new(),
            fees: account.fees,
            nonces: Nonces::from(account.nonce),
        };
        Self(
            accounts
                .into_iter()
                .map(|account| (account.actor, state(account)))
                .collect(),
        )
    }

    /// Notes that the transaction with this nonce came to its end, in a block or without one. Returns the account's
    /// next one under way, if it has the very next nonce.
    pub(super) fn settle(&mut self, actor: ActorId, nonce: u64) -> Option<TxId> {
        let under_way = &mut self.of(actor)?.under_way;
        under_way.remove(&nonce);
        under_way.get(&(nonce + 1)).copied()
    }

    /// The transaction with this nonce came to its end. Returns the one that cannot come into a block any more for that.
    pub(super) fn superseded(&mut self, actor: ActorId, nonce: u64, tx: TxId) -> Option<TxId> {
        let Cancelled {
            tx: cancelled,
            filler,
        } = self.of(actor)?.cancelled.remove(&nonce)?;
        Some(if tx == filler { cancelled } else { filler })
    }

    /// Whether a transaction is to take the place of a cancelled one.
    pub(super) fn is_replacement(&mut self, actor: ActorId, nonce: u64, tx: TxId) -> bool {
        self.of(actor)
            .and_then(|account| account.cancelled.get(&nonce))
            .is_some_and(|cancelled| cancelled.filler == tx)
    }

    /// A transaction with this nonce is under way again: the block that it was in is no longer the chain's.
    pub(super) fn reopen(&mut self, actor: ActorId, nonce: u64, tx: TxId) {
        if let Some(account) = self.of(actor) {
            account.under_way.insert(nonce, tx);
        }
    }

    /// The account of an actor of the run.
    pub(super) fn of(&mut self, actor: ActorId) -> Option<&mut AccountState> {
        self.0.get_mut(actor)
    }
}

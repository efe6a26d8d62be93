//! The accounts of a run: one key, one order of nonces each.

use std::collections::{BTreeMap, HashMap};

use secp256k1::SecretKey;

use crate::{
    driver::{TxId, nonces::Nonces},
    fees::Eip1559Fees,
    protocol::ActorId,
};

/// An actor's account.
#[derive(Clone, Debug)]
pub struct NodeAccount {
    /// Whose it is.
    pub actor: ActorId,
    /// Its secret key.
    pub key: SecretKey,
    /// The fees of its transactions.
    pub fees: Eip1559Fees,
    /// The nonce that its next transaction takes.
    pub nonce: u64,
}

/// The keys, fees and nonces of all accounts.
#[derive(Debug)]
pub(super) struct Accounts(HashMap<ActorId, AccountState>);

/// An account's key, fees and nonces.
#[derive(Debug)]
pub(super) struct AccountState {
    pub(super) key: SecretKey,
    /// Its transactions under way, by nonce.
    pub(super) under_way: BTreeMap<u64, TxId>,
    pub(super) fees: Eip1559Fees,
    pub(super) nonces: Nonces,
}

impl Accounts {
    pub(super) fn new(accounts: &[NodeAccount]) -> Self {
        let state = |account: &NodeAccount| AccountState {
            key: account.key,
            under_way: BTreeMap::new(),
            fees: account.fees,
            nonces: Nonces::from(account.nonce),
        };
        Self(
            accounts
                .iter()
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

    /// A transaction with this nonce is under way again: the block that it was in is no longer the chain's.
    pub(super) fn reopen(&mut self, actor: ActorId, nonce: u64, tx: TxId) {
        if let Some(account) = self.of(actor) {
            account.under_way.insert(nonce, tx);
        }
    }

    /// The account of an actor of the run.
    pub(super) fn of(&mut self, actor: ActorId) -> Option<&mut AccountState> {
        self.0.get_mut(&actor)
    }
}

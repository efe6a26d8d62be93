//! The accounts of a run: one key, one order of nonces each.

use std::collections::HashMap;

use secp256k1::SecretKey;

use crate::driver::nonces::Nonces;
use crate::protocol::ActorId;

/// An actor's account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Whose it is.
    pub actor: ActorId,
    /// Its secret key.
    pub key: SecretKey,
    /// The nonce that its next transaction takes.
    pub nonce: u64,
}

/// The keys and nonces of all accounts.
#[derive(Debug)]
pub(super) struct Lanes(HashMap<ActorId, Lane>);

/// An account's key and nonces.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) key: SecretKey,
    pub(super) nonces: Nonces,
}

impl Lanes {
    pub(super) fn new(accounts: &[Account]) -> Self {
        let lane = |account: &Account| Lane {
            key: account.key,
            nonces: Nonces::from(account.nonce),
        };
        Self(
            accounts
                .iter()
                .map(|account| (account.actor, lane(account)))
                .collect(),
        )
    }

    /// The account of an actor of the run.
    pub(super) fn of(&mut self, actor: ActorId) -> Option<&mut Lane> {
        self.0.get_mut(&actor)
    }
}

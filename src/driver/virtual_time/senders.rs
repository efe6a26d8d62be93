//! The accounts of a run in virtual time: nonces, fees, and how long a transaction travels.

use std::time::Duration;

use alloy::primitives::{Address, map::HashMap};
use rand::rngs::ChaCha8Rng;

use crate::{
    chain::{Eip1559Fees, embedded::PooledTransaction},
    driver::{TxId, UnderWay, nonces::Nonces, registry::digest},
    plan::StreamSeed,
    protocol::{ActorId, Invocation},
    scenario::DelayDistribution,
};

/// An actor's account.
#[derive(Clone, Debug)]
pub struct SimulatedAccount {
    /// Whose it is.
    pub actor: ActorId,
    /// Its address.
    pub address: Address,
    /// The fees of its transactions.
    pub fees: Eip1559Fees,
    /// Where its submission delays are drawn from.
    pub network: StreamSeed,
}

/// Every account of a run.
#[derive(Debug)]
pub(super) struct Senders {
    accounts: HashMap<ActorId, Sender>,
    delay: DelayDistribution,
}

#[derive(Debug)]
struct Sender {
    address: Address,
    fees: Eip1559Fees,
    network: ChaCha8Rng,
    nonces: Nonces,
}

impl Senders {
    pub(super) fn new(accounts: Vec<SimulatedAccount>, delay: DelayDistribution) -> Self {
        let sender = |account: SimulatedAccount| {
            let network = account.network.rng();
            let (address, fees, nonces) = (account.address, account.fees, Nonces::from(0));
            (
                account.actor,
                Sender {
                    address,
                    fees,
                    network,
                    nonces,
                },
            )
        };
        Self {
            accounts: accounts.into_iter().map(sender).collect(),
            delay,
        }
    }

    /// Gives a transaction the next nonce of its sender, and says how long it travels to the mempool.
    pub(super) fn dispatch(
        &mut self,
        tx: TxId,
        actor: ActorId,
        invocation: Invocation,
    ) -> (PooledTransaction, Duration) {
        let sender = self.accounts.get_mut(&actor).expect("every actor has an account");
        let nonce = sender.nonces.take();
        let pending = PooledTransaction {
            id: tx,
            from: sender.address,
            nonce,
            invocation,
            fees: sender.fees,
        };
        (pending, self.delay.sample(&mut sender.network))
    }

    /// A transaction of the account as it was, to be handed to the mempool again, and how long it travels there.
    pub(super) fn repeat(
        &mut self,
        tx: TxId,
        under_way: &UnderWay,
        invocation: Invocation,
    ) -> (PooledTransaction, Duration) {
        let sender = self
            .accounts
            .get_mut(&under_way.actor)
            .expect("every actor has an account");
        let pending = PooledTransaction {
            id: tx,
            from: sender.address,
            nonce: under_way.nonce,
            invocation,
            fees: sender.fees,
        };
        (pending, self.delay.sample(&mut sender.network))
    }

    /// A digest of where the random stream of every account stands.
    pub(super) fn draws(&self) -> u64 {
        let mut actors: Vec<_> = self.accounts.keys().copied().collect();
        actors.sort_unstable();
        digest(
            actors
                .iter()
                .map(|actor| self.accounts[actor].network.get_word_pos()),
        )
    }

    /// As [`Nonces::give_back`], of an actor's account.
    pub(super) fn give_back(&mut self, actor: ActorId, nonce: u64) -> bool {
        self.accounts
            .get_mut(&actor)
            .is_some_and(|sender| sender.nonces.give_back(nonce))
    }
}

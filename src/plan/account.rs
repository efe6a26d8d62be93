//! Accounts of a plan, over all roles.

use super::{Key, Plan, StreamSeed};
use crate::{
    fees::Eip1559Fees,
    protocol::{ActorId, Role},
};

/// An actor's account as its plan has it.
#[derive(Clone, Copy, Debug)]
pub struct PlannedAccount<'a> {
    /// Whose it is.
    pub actor: ActorId,
    /// Its key.
    pub key: &'a Key,
    /// The fees of its transactions.
    pub fees: Eip1559Fees,
    /// How long its transactions take to the chain, where that is simulated.
    pub network: StreamSeed,
}

impl Plan {
    /// The account of every actor: owners, then miners, then oracles.
    pub fn accounts(&self) -> impl Iterator<Item = PlannedAccount<'_>> {
        let owners = self.owners.iter().map(|o| (&o.key, o.fees, o.network));
        let miners = self.miners.iter().map(|m| (&m.key, m.fees, m.network));
        let oracles = self.oracles.iter().map(|o| (&o.key, o.fees, o.network));
        ids(Role::OWNER)
            .zip(owners)
            .chain(ids(Role::MINER).zip(miners))
            .chain(ids(Role::ORACLE).zip(oracles))
            .map(|(actor, (key, fees, network))| PlannedAccount {
                actor,
                key,
                fees,
                network,
            })
    }
}

fn ids(role: Role) -> impl Iterator<Item = ActorId> {
    (0..).map(move |index| ActorId { role, index })
}

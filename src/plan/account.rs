//! Accounts of a plan, over all roles.

use super::{Key, Plan, ProfilePlan, StreamSeed};
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
    /// The account of every actor: owners, then miners, then oracles; those of a profile in the order of its roles, the
    /// deployer last.
    pub fn accounts(&self) -> impl Iterator<Item = PlannedAccount<'_>> {
        let owners = self.owners.iter().map(|o| (&o.key, o.fees, o.network));
        let miners = self.miners.iter().map(|m| (&m.key, m.fees, m.network));
        let oracles = self.oracles.iter().map(|o| (&o.key, o.fees, o.network));
        ids(Role::OWNER)
            .zip(owners)
            .chain(ids(Role::MINER).zip(miners))
            .chain(ids(Role::ORACLE).zip(oracles))
            .chain(self.profile.iter().flat_map(|profile| self.of_profile(profile)))
            .map(|(actor, (key, fees, network))| PlannedAccount {
                actor,
                key,
                fees,
                network,
            })
    }

    /// The accounts of a profile's actors, and of the deployer, who takes steps of set-up.
    fn of_profile<'a>(
        &'a self,
        profile: &'a ProfilePlan,
    ) -> impl Iterator<Item = (ActorId, (&'a Key, Eip1559Fees, StreamSeed))> {
        let roles = (0..).zip(profile.schema.roles);
        let actors = roles.flat_map(|(place, role)| {
            let of_role = profile.actors.iter().filter(move |actor| actor.role == place);
            ids(*role).zip(of_role.map(|actor| (&actor.key, actor.fees, actor.network)))
        });
        let deployer = (&self.deployer, Eip1559Fees::default(), profile.deployer_network);
        let last = profile.schema.roles.last().copied();
        actors.chain(last.into_iter().flat_map(ids).zip([deployer]))
    }
}

fn ids(role: Role) -> impl Iterator<Item = ActorId> {
    (0..).map(move |index| ActorId { role, index })
}

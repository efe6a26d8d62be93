//! The plans that a profile's actors follow, and what a run of a profile is set to.

use std::sync::Arc;

use alloy::primitives::Address;

use super::{
    definition::Definition,
    expression::{Expression, Value},
};
use crate::{
    distribution::{DelayDistribution, SizeDistribution},
    fees::Eip1559Fees,
    protocol::LoadPlan,
    seed::{Key, StreamSeed},
};

/// What an actor of a profile is to do, and with which account.
#[derive(Clone, Debug, PartialEq)]
pub struct ActorPlan {
    /// Its role, as a place in [`Definition::roles`].
    pub role: usize,
    /// Its group, counted over the groups of its role.
    pub group: u32,
    /// Its account.
    pub key: Key,
    /// The fees of its transactions.
    pub fees: Eip1559Fees,
    /// Its random choices.
    pub stream: StreamSeed,
    /// The delays of its transactions on their way to the chain, where that way is simulated.
    pub network: StreamSeed,
    /// The delays of its role, in the order of [`super::definition::RoleDefinition::delays`].
    pub delays: Vec<DelayDistribution>,
    /// When it submits; `None` for a role that does not.
    pub load: Option<ActorLoad>,
}

/// When an actor submits tasks, and what.
#[derive(Clone, Debug, PartialEq)]
pub struct ActorLoad {
    /// When. A closed load has one place, an open one's arrivals are all of place 0.
    pub plan: LoadPlan,
    /// Tasks of a closed load; `None` for no limit but time.
    pub tasks: Option<u64>,
    /// What `payload` is.
    pub payload_size: SizeDistribution,
}

/// What a run of a profile is set to.
#[derive(Clone, Copy, Debug)]
pub struct ProfileSetup<'a> {
    /// The profile.
    pub definition: &'a Arc<Definition>,
    /// The scenario's values of parameters: place among [`Definition::parameters`], value.
    pub parameters: &'a [(usize, Expression)],
    /// Who deploys the contracts and takes the steps of set-up that are nobody's.
    pub deployer: &'a Key,
    /// Actors: the roles in the order of the schema's, each group after group; the deployer left out.
    pub actors: &'a [ActorPlan],
    /// Tasks of each group of the submitting role that may be in flight at once; `None` for no limit.
    pub max_in_flight: &'a [Option<u32>],
    /// What `pick` draws from.
    pub seed: u64,
    /// The chain's id.
    pub chain_id: u64,
    /// The most gas that a function's call may use, by its place in the schema; those that are not there, and those above it,
    /// have the profile's limit or [`ProfileSetup::GAS_LIMIT`].
    pub gas_limits: &'a [Option<u64>],
}

impl ProfileSetup<'_> {
    /// The gas limit of a call of which nothing is known.
    pub const GAS_LIMIT: u64 = 2_000_000;

    /// The accounts of a role, in order; the deployer's own for that of the deployer.
    #[must_use]
    pub fn accounts(&self, role: usize) -> Vec<Address> {
        if role == self.definition.deployer() {
            return vec![self.deployer.address];
        }
        let of_role = self.actors.iter().filter(|actor| actor.role == role);
        of_role.map(|actor| actor.key.address).collect()
    }

    /// The accounts of every role, as `accounts.…` has them.
    #[must_use]
    pub fn all_accounts(&self) -> Vec<Value> {
        let roles = 0..self.definition.roles.len();
        roles
            .map(|role| {
                let accounts = self.accounts(role).into_iter().map(Value::from);
                accounts.collect::<Vec<_>>().into()
            })
            .collect()
    }
}

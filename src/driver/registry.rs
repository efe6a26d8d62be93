//! The actor registry: every actor of a run, found by role or by address.

use std::hash::{DefaultHasher, Hash, Hasher};

use alloy::primitives::{Address, map::HashMap};

use super::in_flight_limiter::InFlightLimiter;
use crate::{
    actor::{Action, Actor, Input, Miner, Oracle, Owner},
    plan::{Key, Plan},
    protocol::{ActorId, Role, TaskKey, WindowSeconds},
    time::Micros,
};

/// Every actor of a run.
#[derive(Debug)]
pub struct ActorRegistry {
    owners: Vec<Owner>,
    miners: Vec<Miner>,
    oracles: Vec<Oracle>,
    limiter: InFlightLimiter,
    addresses: HashMap<ActorId, Address>,
    by_address: HashMap<Address, ActorId>,
}

impl ActorRegistry {
    /// The actors of `plan`, each with its own random stream.
    #[must_use]
    pub fn new(plan: &Plan, windows: WindowSeconds) -> Self {
        Self {
            owners: plan.owners.iter().cloned().map(Owner::new).collect(),
            miners: plan.miners.iter().cloned().map(Miner::new).collect(),
            oracles: plan
                .oracles
                .iter()
                .map(|plan| Oracle::new(plan, windows))
                .collect(),
            limiter: InFlightLimiter::of(plan),
            addresses: accounts(plan).map(|(id, key)| (id, key.address)).collect(),
            by_address: accounts(plan).map(|(id, key)| (key.address, id)).collect(),
        }
    }

    /// Who has this address, if it is one of the run's accounts.
    #[must_use]
    pub fn at(&self, address: Address) -> Option<ActorId> {
        self.by_address.get(&address).copied()
    }

    /// The address of an actor's account.
    ///
    /// # Panics
    /// If the actor is not in this registry; ids come from nowhere else.
    #[must_use]
    pub fn address(&self, id: ActorId) -> Address {
        self.addresses[&id]
    }

    /// The oracle that watches a task: tasks are assigned evenly. `None` if the run has no oracle.
    #[must_use]
    pub fn oracle_of(&self, key: TaskKey) -> Option<ActorId> {
        let count = self.oracles.len() as u64;
        let index = (key.session + key.task).checked_rem(count)?;
        Some(ActorId {
            role: Role::ORACLE,
            index: index as u32,
        })
    }

    /// The owners whose sessions reserve their miners, or those whose sessions do not, in order.
    #[must_use]
    pub fn owners(&self, reserving: bool) -> Vec<ActorId> {
        ids(Role::OWNER)
            .zip(&self.owners)
            .filter(|(_, owner)| owner.reserves() == reserving)
            .map(|(id, _)| id)
            .collect()
    }

    /// Whether somebody acts on the end of a task.
    #[must_use]
    pub fn awaits_ends(&self) -> bool {
        self.owners.iter().any(Owner::is_closed_loop)
    }

    /// The in-flight limiter of the owners' groups.
    pub(super) const fn limiter(&self) -> &InFlightLimiter {
        &self.limiter
    }

    /// The number of owners .
    #[must_use]
    pub const fn owner_count(&self) -> usize {
        self.owners.len()
    }

    /// Every actor of a role, in order.
    pub fn all(&self, role: Role) -> impl Iterator<Item = ActorId> + use<> {
        let counts = [self.owners.len(), self.miners.len(), self.oracles.len()];
        let count = counts[role.index()];
        ids(role).take(count)
    }

    /// A digest of where the random streams of every actor stand: two runs of one seed that drew differently differ
    /// here.
    #[must_use]
    pub fn draws(&self) -> u64 {
        let owners = self.owners.iter().flat_map(Owner::drawn);
        let miners = self.miners.iter().flat_map(Miner::drawn);
        digest(owners.chain(miners))
    }

    /// Gives an actor an input and collects its actions.
    pub fn step(&mut self, id: ActorId, now: Micros, input: Input<'_>, actions: &mut Vec<Action>) {
        let index = id.index as usize;
        match id.role {
            Role::OWNER => self.owners[index].step(now, input, actions),
            Role::MINER => self.miners[index].step(now, input, actions),
            _ => self.oracles[index].step(now, input, actions),
        }
    }
}

/// Every account of `plan` with its key: owners, then miners, then oracles.
pub fn accounts(plan: &Plan) -> impl Iterator<Item = (ActorId, &Key)> {
    plan.accounts().map(|account| (account.actor, account.key))
}

fn ids(role: Role) -> impl Iterator<Item = ActorId> {
    (0..).map(move |index| ActorId { role, index })
}

/// Folds positions into one number (the hash of the standard library with its fixed keys).
pub(super) fn digest(positions: impl Iterator<Item = u128>) -> u64 {
    let mut hasher = DefaultHasher::new();
    positions.for_each(|position| position.hash(&mut hasher));
    hasher.finish()
}

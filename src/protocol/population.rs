//! The actors of a run, as its protocol makes them, and their accounts.

use std::{collections::BTreeMap, sync::Arc};

use alloy::primitives::{Address, map::AddressMap};

use super::{Actor, ActorId, ActorMap, DeployedContracts, Misbehaving, MisbehaviourPlan, Protocol, Role};

/// The actors of a run.
#[derive(Debug)]
pub struct Population<P: Protocol> {
    /// The actors of each role, by the role's place in the schema.
    pub actors: Vec<Vec<Box<dyn Actor<P>>>>,
    /// Their accounts.
    pub directory: Directory,
    /// Who is set up one after the other, stage by stage.
    pub stages: Vec<Vec<ActorId>>,
    /// The group of each actor that submits tasks; these are of one role.
    pub groups: Vec<u32>,
    /// Tasks of each group that may be in flight at once; `None` for no limit.
    pub max_in_flight: Vec<Option<u32>>,
}

impl<P: Protocol> Population<P> {
    /// The same population, in which the actors of `plans` misbehave.
    #[must_use]
    pub fn misbehaving(self, plans: &[MisbehaviourPlan], contracts: &P::Contracts) -> Self {
        if plans.is_empty() {
            return self;
        }
        let directory = Arc::new(self.directory.clone());
        let plans: BTreeMap<ActorId, &MisbehaviourPlan> =
            plans.iter().map(|plan| (plan.actor, plan)).collect();
        let wrapped = |actor: ActorId, honest: Box<dyn Actor<P>>| -> Box<dyn Actor<P>> {
            match plans.get(&actor) {
                None => honest,
                Some(plan) => {
                    let directory = Arc::clone(&directory);
                    Box::new(Misbehaving::new(honest, plan, contracts.clone(), directory))
                }
            }
        };
        let of_role = |(role, actors): (Role, Vec<Box<dyn Actor<P>>>)| {
            let actors = (0..).zip(actors);
            actors
                .map(|(index, honest)| wrapped(ActorId { role, index }, honest))
                .collect()
        };
        let roles = contracts.schema().roles.iter().copied();
        Self {
            actors: roles.zip(self.actors).map(of_role).collect(),
            ..self
        }
    }
}

/// Which actor has which account.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    addresses: ActorMap<Address>,
    actors: AddressMap<ActorId>,
    /// The number of actors of each role, by the role's place in its schema.
    counts: Vec<u32>,
}

impl Directory {
    /// The directory of these accounts.
    #[must_use]
    pub fn of(accounts: impl IntoIterator<Item = (ActorId, Address)>) -> Self {
        let mut directory = Self::default();
        for (actor, address) in accounts {
            directory.addresses.insert(actor, address);
            directory.actors.insert(address, actor);
            let role = actor.role.index();
            if directory.counts.len() <= role {
                directory.counts.resize(role + 1, 0);
            }
            directory.counts[role] += 1;
        }
        directory
    }

    /// The actor with this address, if it is one of the run's accounts.
    #[must_use]
    pub fn at(&self, address: Address) -> Option<ActorId> {
        self.actors.get(&address).copied()
    }

    /// Every actor with its account, in the order of roles.
    #[must_use]
    pub fn accounts(&self) -> Vec<(ActorId, Address)> {
        let accounts = self.addresses.iter();
        accounts.map(|(actor, address)| (actor, *address)).collect()
    }

    /// The address of an actor's account.
    ///
    /// # Panics
    /// If the actor is not in this directory; ids come from nowhere else.
    #[must_use]
    pub fn address(&self, actor: ActorId) -> Address {
        match self.addresses.get(actor) {
            Some(address) => *address,
            None => panic!("{actor} has no account"),
        }
    }

    /// The number of actors of a role.
    #[must_use]
    pub fn count(&self, role: Role) -> u32 {
        self.counts.get(role.index()).copied().unwrap_or(0)
    }

    /// Every actor of a role, in order.
    pub fn all(&self, role: Role) -> impl Iterator<Item = ActorId> + use<> {
        (0..self.count(role)).map(move |index| ActorId { role, index })
    }
}

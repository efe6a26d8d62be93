//! The actor registry: every actor of a run, found by role or by address.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::in_flight_limiter::InFlightLimiter;
use crate::{
    protocol::{Action, Actor, ActorId, Directory, Input, Population, Protocol, ProtocolSchema, Role},
    time::Micros,
};

/// Every actor of a run.
#[derive(Debug)]
pub struct ActorRegistry<P: Protocol> {
    actors: Vec<Vec<Box<dyn Actor<P>>>>,
    directory: Directory,
    stages: Vec<Vec<ActorId>>,
    limiter: InFlightLimiter,
}

impl<P: Protocol> From<Population<P>> for ActorRegistry<P> {
    fn from(population: Population<P>) -> Self {
        Self {
            actors: population.actors,
            directory: population.directory,
            stages: population.stages,
            limiter: InFlightLimiter::new(population.groups, population.max_in_flight),
        }
    }
}

impl<P: Protocol> ActorRegistry<P> {
    /// The actors' accounts.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Who is set up in a stage; `None` after the last.
    pub(super) fn setup_stage(&self, stage: usize) -> Option<Vec<ActorId>> {
        self.stages.get(stage).cloned()
    }

    /// The in-flight limiter of the submitters' groups.
    pub(super) const fn limiter(&self) -> &InFlightLimiter {
        &self.limiter
    }

    /// The number of actors that submit tasks.
    pub(super) const fn submitters(&self) -> usize {
        self.limiter.submitters()
    }

    /// The actors that read the mempool, role after role.
    pub(super) fn mempool_readers(&self, schema: &ProtocolSchema) -> Vec<ActorId> {
        let of_role = |(role, actors): (&Role, &Vec<Box<dyn Actor<P>>>)| {
            let role = *role;
            let actors = (0..).zip(actors);
            actors
                .filter(|(_, actor)| actor.watches_mempool())
                .map(|(index, _)| ActorId { role, index })
                .collect::<Vec<_>>()
        };
        schema.roles.iter().zip(&self.actors).flat_map(of_role).collect()
    }

    /// Whether every actor of a role is honest.
    pub(super) fn are_honest(&self, role: Role) -> bool {
        let actors = self.actors.get(role.index());
        actors.is_none_or(|actors| actors.iter().all(|actor| actor.is_honest()))
    }

    /// A digest of where the random streams of every actor stand: two runs of one seed that drew differently differ
    /// here.
    #[must_use]
    pub fn draws(&self) -> u64 {
        digest(self.actors.iter().flatten().flat_map(|actor| actor.drawn()))
    }

    /// Gives an actor an input and collects its actions.
    pub fn step(
        &mut self,
        id: ActorId,
        now: Micros,
        input: Input<'_, P>,
        chain: &P::State,
        actions: &mut Vec<Action<P>>,
    ) {
        self.actors[id.role.index()][id.index as usize].step(now, input, chain, actions);
    }
}

/// Folds positions into one number (the hash of the standard library with its fixed keys).
pub(super) fn digest(positions: impl Iterator<Item = u128>) -> u64 {
    let mut hasher = DefaultHasher::new();
    positions.for_each(|position| position.hash(&mut hasher));
    hasher.finish()
}

//! The actors that misbehave, each with a random stream of its own.

use super::{ProfilePlan, StreamSeed};
use crate::{
    protocol::{ActorId, BehaviourSpec, MisbehaviourPlan, Role},
    scenario::Scenario,
};

/// The actors of a scenario that misbehave; `profile` is the plan of its profile.
pub(super) fn of(scenario: &Scenario, profile: Option<&ProfilePlan>) -> Vec<MisbehaviourPlan> {
    if !scenario.has_behaviours() {
        return Vec::new();
    }
    let mut plans = Vec::new();
    let mut role = Groups::of(scenario.seed, Role::OWNER, &mut plans);
    for group in &scenario.owners {
        role.add(&group.name, group.count, &group.behaviour);
    }
    let mut role = Groups::of(scenario.seed, Role::MINER, &mut plans);
    for group in &scenario.miners {
        role.add(&group.name, group.count, &group.behaviour);
    }
    let oracle = &scenario.oracle;
    Groups::of(scenario.seed, Role::ORACLE, &mut plans).add("oracle", oracle.count, &oracle.behaviour);
    if let Some((run, profile)) = scenario.profile.as_ref().zip(profile) {
        plans.clear();
        for (place, role) in profile.schema.roles.iter().enumerate() {
            let mut role = Groups::of(scenario.seed, *role, &mut plans);
            for group in run.groups_of(place) {
                role.add(&group.name, group.count, &group.behaviour);
            }
        }
    }
    plans
}

/// The groups of a role, in their order.
struct Groups<'a> {
    seed: u64,
    role: Role,
    /// Actors of the groups so far.
    actors: u32,
    plans: &'a mut Vec<MisbehaviourPlan>,
}

impl<'a> Groups<'a> {
    const fn of(seed: u64, role: Role, plans: &'a mut Vec<MisbehaviourPlan>) -> Self {
        Self {
            seed,
            role,
            actors: 0,
            plans,
        }
    }

    /// Adds the actors of the next group, if they misbehave.
    fn add(&mut self, name: &str, count: u32, behaviours: &[BehaviourSpec]) {
        let label = format!("misbehaviour/{}/{name}", self.role.name());
        if !behaviours.is_empty() {
            let (seed, role, first) = (self.seed, self.role, self.actors);
            self.plans.extend((0..count).map(|index| MisbehaviourPlan {
                actor: ActorId {
                    role,
                    index: first + index,
                },
                stream: StreamSeed::derive(seed, &label, index),
                behaviours: behaviours.to_vec(),
            }));
        }
        self.actors += count;
    }
}

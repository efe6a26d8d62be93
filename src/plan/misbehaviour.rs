//! The actors that misbehave, each with a random stream of its own.

use super::{Key, ProfilePlan, StreamSeed};
use crate::{
    protocol::{ActorId, Behaviour, BehaviourSpec, MisbehaviourPlan, Role},
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
        role.add(&group.name, group.count, &group.behaviour, true);
    }
    let mut role = Groups::of(scenario.seed, Role::MINER, &mut plans);
    for group in &scenario.miners {
        role.add(&group.name, group.count, &group.behaviour, false);
    }
    let oracle = &scenario.oracle;
    Groups::of(scenario.seed, Role::ORACLE, &mut plans).add("oracle", oracle.count, &oracle.behaviour, false);
    if let Some((run, profile)) = scenario.profile.as_ref().zip(profile) {
        plans.clear();
        for (place, role) in profile.schema.roles.iter().enumerate() {
            let mut role = Groups::of(scenario.seed, *role, &mut plans);
            for group in run.groups_of(place) {
                let submits = group.submissions.is_some();
                role.add(&group.name, group.count, &group.behaviour, submits);
            }
        }
    }
    plans
}

/// The key of an actor of a group: where they are twins, one whose address ends like that of the group's first.
pub(super) fn key(seed: u64, label: &str, index: u32, behaviours: &[BehaviourSpec]) -> Key {
    let key = Key::derive(seed, label, index);
    if index == 0 || !behaviours.iter().any(|spec| spec.kind == Behaviour::Twins) {
        return key;
    }
    let last = Key::derive(seed, label, 0).address[19];
    let twins = format!("twins/{label}/{index}");
    let candidates = (0..u32::MAX).map(|attempt| Key::derive(seed, &twins, attempt));
    let mut candidates = [key].into_iter().chain(candidates);
    candidates
        .find(|key| key.address[19] == last)
        .unwrap_or_else(|| Key::derive(seed, label, index))
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
    fn add(&mut self, name: &str, count: u32, behaviours: &[BehaviourSpec], submits: bool) {
        let label = format!("misbehaviour/{}/{name}", self.role.name());
        let coalition = format!("coalition/{}/{name}", self.role.name());
        let collusion = behaviours.iter().find(|spec| spec.kind == Behaviour::Collude);
        let members = collusion.map_or(1, |spec| spec.members.max(1));
        if !behaviours.is_empty() {
            let (seed, role, first) = (self.seed, self.role, self.actors);
            self.plans.extend((0..count).map(|index| MisbehaviourPlan {
                actor: ActorId {
                    role,
                    index: first + index,
                },
                stream: StreamSeed::derive(seed, &label, index),
                coalition: StreamSeed::derive(seed, &coalition, index / members),
                submits,
                behaviours: behaviours.to_vec(),
            }));
        }
        self.actors += count;
    }
}

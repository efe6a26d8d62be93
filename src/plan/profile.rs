//! The actors of a profile, and what a run of it is set to.

use super::{
    Plan, StreamSeed,
    load::{GroupLoad, in_flight},
    misbehaviour,
    population::many,
};
use crate::{
    protocol::{
        ProtocolSchema,
        profile::{ActorLoad, ActorPlan, ProfileSetup},
    },
    scenario::{ProfileRun, RoleGroup, Scenario},
};

/// Who takes part in a run of a profile.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfilePlan {
    /// The profile's schema, whose roles the actors' are.
    pub schema: &'static ProtocolSchema,
    /// Actors: the roles in the order of the schema's, each group after group; the deployer left out.
    pub actors: Vec<ActorPlan>,
    /// Tasks of each group of the submitting role that may be in flight at once; `None` for no limit.
    pub max_in_flight: Vec<Option<u32>>,
    /// The delays of the deployer's transactions on their way to the chain, where that way is simulated.
    pub deployer_network: StreamSeed,
}

impl ProfilePlan {
    /// The plan of a run with this seed; `loads` are those of the groups that submit tasks, in their order.
    pub(super) fn of(seed: u64, run: &ProfileRun, loads: &[GroupLoad]) -> Self {
        let mut loads = loads.iter();
        let mut actors = Vec::new();
        for role in 0..run.definition.roles.len() {
            for (place, group) in (0..).zip(run.groups_of(role)) {
                let load = group.submissions.as_ref().and_then(|_| loads.next());
                let label = format!("{}/{}", run.role_name(role), group.name);
                let actor = |index| actor(seed, &label, (place, group, load), index);
                actors.extend(many(0..group.count, actor));
            }
        }
        Self {
            schema: run.definition.schema,
            actors,
            max_in_flight: run
                .submitting()
                .map(|group| group.submissions.max_in_flight)
                .collect(),
            deployer_network: StreamSeed::derive_network(seed, Plan::DEPLOYER, 0),
        }
    }
}

/// The actor `index` of a group, which has this place in its role and this load.
fn actor(
    seed: u64,
    label: &str,
    (place, group, load): (u32, &RoleGroup, Option<&GroupLoad>),
    index: u32,
) -> ActorPlan {
    let stream = StreamSeed::derive(seed, label, index);
    let submits = group.submitting().zip(load).map(|(spec, load)| ActorLoad {
        plan: load.member(spec, index, in_flight(spec, stream)),
        tasks: load.session_tasks(spec, index).into_iter().next().flatten(),
        payload_size: spec.submissions.payload_size.clone(),
    });
    ActorPlan {
        role: group.role,
        group: place,
        key: misbehaviour::key(seed, label, index, &group.behaviour),
        fees: group.fees,
        stream,
        network: StreamSeed::derive_network(seed, label, index),
        delays: group.delays.clone(),
        load: submits,
    }
}

impl Plan {
    /// What a run of this plan, which is that of `scenario`, is set to on a chain with this id; `None` for the reference
    /// protocol, whose is [`Plan::setup`].
    #[must_use]
    pub fn profile_setup<'a>(&'a self, scenario: &'a Scenario, chain_id: u64) -> Option<ProfileSetup<'a>> {
        let (plan, run) = self.profile.as_ref().zip(scenario.profile.as_ref())?;
        Some(ProfileSetup {
            definition: &run.definition,
            parameters: &run.parameters,
            deployer: &self.deployer,
            actors: &plan.actors,
            max_in_flight: &plan.max_in_flight,
            seed: scenario.seed,
            chain_id,
            gas_limits: &[],
        })
    }
}

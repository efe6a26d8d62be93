//! A profile as drivers see it.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    super::plan::{ActorPlan, ProfileSetup},
    ProfileActor, ProfileCall, ProfileContracts, ProfileEvent, ProfileQuery, ProfileReply, ProfileState,
    actor::stages,
};
use crate::{
    fees::Eip1559Fees,
    protocol::{
        Actor, ActorId, Checks, Deployed, Directory, Invariant, Population, Protocol, ProtocolTimer, Reached,
        TaskKey,
    },
    seed::StreamSeed,
};

/// A protocol that a profile describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile;

/// What an actor of a profile wants to be woken for, or is made to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileTimer {
    /// A rule is to be followed, about a task or not, on account of an event of the latest block or not.
    Triggered {
        /// The rule.
        rule: u16,
        /// The task.
        task: Option<TaskKey>,
        /// The place of the event among those of the latest block.
        event: Option<u32>,
        /// Whether it may be that of before a reorg: who followed the rule then does not again.
        again: bool,
    },
    /// The actor's decision with this number is due.
    Act(u64),
    /// Tasks were gathered long enough for a call of this rule.
    Batch {
        /// The rule.
        rule: u16,
        /// The number of the batch.
        number: u64,
    },
    /// A rule that is followed so often is due, for so many times before.
    Every {
        /// The rule.
        rule: u16,
        /// How often it was.
        round: u32,
    },
    /// A planned arrival.
    Arrival,
    /// A closed load begins.
    Start,
    /// Time to submit the next task of a closed load.
    Think,
    /// A submission of the actor opened no task: another has its key.
    Refused,
    /// A task that the actor submitted is over.
    Over(TaskKey),
    /// The moment of the dishonest call with this number.
    Misdeed(u64),
}

impl ProtocolTimer for ProfileTimer {
    fn submits(self) -> bool {
        matches!(self, Self::Arrival | Self::Start | Self::Think)
    }

    fn of_misdeed(number: u64) -> Self {
        Self::Misdeed(number)
    }

    fn misdeed(self) -> Option<u64> {
        match self {
            Self::Misdeed(number) => Some(number),
            _ => None,
        }
    }
}

impl Protocol for Profile {
    type Call = ProfileCall;
    type Event = ProfileEvent;
    type Query = ProfileQuery;
    type Reply = ProfileReply;
    type Timer = ProfileTimer;
    type Trial = ();
    type Contracts = ProfileContracts;
    type State = ProfileState;
    type Setup<'a> = ProfileSetup<'a>;

    fn deployment(setup: &ProfileSetup<'_>, first_nonce: u64) -> Result<Deployed<Self>, String> {
        setup.deployment(first_nonce)
    }

    fn population(setup: &ProfileSetup<'_>, contracts: &ProfileContracts) -> Population<Self> {
        let definition = setup.definition;
        let deployer = definition.deployer();
        let boxed = |id, plan: ActorPlan| -> Box<dyn Actor<Self>> {
            Box::new(ProfileActor::new(Arc::clone(contracts.world()), id, plan))
        };
        let plans = |role: usize| -> Vec<ActorPlan> {
            if role == deployer {
                return vec![deployer_plan(setup)];
            }
            let of_role = setup.actors.iter().filter(|actor| actor.role == role);
            of_role.cloned().collect()
        };
        let roles = definition.schema.roles.iter().copied();
        let actors = roles.map(|role| {
            let plans = (0..).zip(plans(role.index()));
            plans
                .map(move |(index, plan)| (ActorId { role, index }, plan))
                .collect::<Vec<_>>()
        });
        let actors: Vec<Vec<(ActorId, ActorPlan)>> = actors.collect();
        let accounts = actors.iter().flatten().map(|(id, plan)| (*id, plan.key.address));
        let directory = Directory::of(accounts);
        let stages = stages(definition).into_iter().map(|(role, _)| {
            let role = definition.schema.roles[role];
            directory.all(role).collect()
        });
        let submitters = definition.submitting_role().map(|role| &actors[role]);
        Population {
            stages: stages.collect(),
            groups: submitters
                .into_iter()
                .flatten()
                .map(|(_, plan)| plan.group)
                .collect(),
            max_in_flight: setup.max_in_flight.to_vec(),
            actors: actors
                .into_iter()
                .map(|role| role.into_iter().map(|(id, plan)| boxed(id, plan)).collect())
                .collect(),
            directory,
        }
    }

    fn state(_: &ProfileSetup<'_>, contracts: &ProfileContracts, _: Checks) -> ProfileState {
        ProfileState::new(Arc::clone(contracts.world()))
    }

    fn checked(setup: &ProfileSetup<'_>, reached: Reached) -> BTreeSet<Invariant> {
        let invariants = setup.definition.schema.invariants.iter().copied();
        let schema = setup.definition.schema;
        let answers = schema.answers;
        invariants
            .filter(|invariant| *invariant != schema.misbehaviour)
            .filter(|invariant| reached.audited || reached.set_up && *invariant == answers)
            .collect()
    }
}

/// The plan of the account that deploys the contracts.
fn deployer_plan(setup: &ProfileSetup<'_>) -> ActorPlan {
    ActorPlan {
        role: setup.definition.deployer(),
        group: 0,
        key: setup.deployer.clone(),
        fees: Eip1559Fees::default(),
        stream: StreamSeed::derive(setup.seed, "deployer", 0),
        network: StreamSeed::derive_network(setup.seed, "deployer", 0),
        delays: Vec::new(),
        load: None,
    }
}

//! The population of a run.

use alloy::primitives::{Address, U256};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::{
    Choice, Key, LoadPlan, ManagePlan, MinerPlan, OraclePlan, OrderPlan, OwnerPlan, PresencePlan,
    ProfilePlan, SessionPlan, StreamSeed,
    dedicated::{self, OwnerNodes},
    load::{GroupLoad, each, in_flight},
    misbehaviour,
};
use crate::{
    protocol::{MisbehaviourPlan, NewSession},
    scenario::{DelayDistribution, MinerGroup, OwnerGroup, Scenario},
    time::Micros,
};

/// Actors from which on other cores help: to wake them takes as long as to derive a few keys.
const WORTH_HELP: usize = 64;

/// Who takes part in a run, and what each is to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Deploys the contracts and owns them.
    pub deployer: Key,
    /// Owners, group after group; the index is that of [`crate::protocol::ActorId`].
    pub owners: Vec<OwnerPlan>,
    /// Miners, group after group.
    pub miners: Vec<MinerPlan>,
    /// Oracles.
    pub oracles: Vec<OraclePlan>,
    /// The actors of the scenario's profile; `None` for the reference protocol. With one there are no owners, miners and
    /// oracles.
    pub profile: Option<ProfilePlan>,
    /// Actors that misbehave; empty if all are honest.
    pub misbehaviour: Vec<MisbehaviourPlan>,
    /// Tasks that all groups together submit; `None` if that depends on how fast they go.
    pub tasks: Option<u64>,
    /// When the load is planned to end, since it began: at the last arrival, or at the end of a group's duration if its
    /// tasks last as long. `None` if that depends on how fast tasks go.
    pub load_end: Option<Micros>,
    /// Tasks of each group of owners that may be in flight at once; `None` for no limit.
    pub max_in_flight: Vec<Option<u32>>,
    /// From an actor's decision to send a transaction to the chain's having it.
    pub submission_delay: DelayDistribution,
    /// How blocks order pending transactions.
    pub order: OrderPlan,
}

impl Plan {
    /// What the deployer's key and streams derive from.
    pub(super) const DEPLOYER: &'static str = "deployer";

    /// The plan of a scenario.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let seed = scenario.seed;
        let miners = (0..).zip(&scenario.miners).flat_map(|(group, spec)| {
            let pooled = scenario.is_pooled(spec);
            (0..spec.count).map(move |index| (group, spec, index, pooled))
        });
        let mut miners = many(miners, |(group, spec, index, pooled)| {
            miner(seed, group, spec, index, pooled)
        });
        let nodes = dedicated::assign(scenario, &miners);
        let submitting = scenario.submitting().into_iter();
        let loads: Vec<_> = submitting.map(|spec| GroupLoad::of(scenario, spec)).collect();
        let owners = (0..)
            .zip(&scenario.owners)
            .zip(&loads)
            .flat_map(|((group, spec), load)| (0..spec.count).map(move |index| ((group, spec, load), index)));
        let owners = many(owners.zip(nodes), |((group, index), nodes)| {
            owner(scenario, group, index, nodes)
        });
        dedicated::assign_to_miners(&mut miners, &owners);
        let oracles = (0..scenario.oracle.count).map(|index| OraclePlan {
            key: Key::derive(seed, "oracle", index),
            fees: scenario.oracle.fees,
            stream: StreamSeed::derive(seed, "oracle", index),
            network: StreamSeed::derive_network(seed, "oracle", index),
            check_interval: scenario.oracle.check_interval,
        });
        let profile = scenario
            .profile
            .as_ref()
            .map(|run| ProfilePlan::of(seed, run, &loads));
        let actors = profile.as_ref().map_or(&[][..], |profile| &profile.actors);
        Self {
            deployer: Key::derive(seed, Self::DEPLOYER, 0),
            order: OrderPlan::of(scenario, &owners, &miners, actors),
            misbehaviour: misbehaviour::of(scenario, profile.as_ref()),
            profile,
            owners,
            miners,
            oracles: oracles.collect(),
            tasks: loads
                .iter()
                .try_fold(0, |sum: u64, load| Some(sum.saturating_add(load.tasks?))),
            load_end: loads
                .iter()
                .map(|load| load.end)
                .collect::<Option<Vec<_>>>()
                .map(|ends| ends.into_iter().max().unwrap_or_default()),
            max_in_flight: scenario
                .owners
                .iter()
                .map(|spec| spec.submissions.max_in_flight)
                .collect(),
            submission_delay: scenario.chain.submission_delay.clone(),
        }
    }
}

impl Plan {
    /// When each actor that submits tasks does: owners, or those of a profile.
    pub fn loads(&self) -> impl Iterator<Item = &LoadPlan> {
        let owners = self.owners.iter().map(|owner| &owner.load);
        let actors = self.profile.iter().flat_map(|profile| &profile.actors);
        owners.chain(actors.filter_map(|actor| Some(&actor.load.as_ref()?.plan)))
    }

    /// When the first task is due, since the load began; `None` if there is none.
    #[must_use]
    pub fn first_due(&self) -> Option<Micros> {
        self.loads().filter_map(LoadPlan::first_due).min()
    }
}

/// What is made of each, in their order; of many by all cores, for a key takes long to derive.
pub(super) fn many<I: Send, O: Send>(
    each: impl Iterator<Item = I>,
    make: impl Fn(I) -> O + Sync + Send,
) -> Vec<O> {
    let each: Vec<I> = each.collect();
    if each.len() < WORTH_HELP {
        return each.into_iter().map(make).collect();
    }
    each.into_par_iter().map(make).collect()
}

/// The random choices of the owner `index` of the group `spec`.
pub(crate) fn owner_stream(seed: u64, spec: &OwnerGroup, index: u32) -> StreamSeed {
    StreamSeed::derive(seed, &format!("owner/{}", spec.name), index)
}

/// The redundancy that each session of the owner `index` of the group `spec` draws.
pub(crate) fn redundancies(seed: u64, spec: &OwnerGroup, index: u32) -> Vec<u32> {
    let draws = owner_stream(seed, spec, index).rng_of(Choice::Redundancy);
    each(&spec.redundancy, draws, spec.sessions)
}

/// The tasks at once that the miner `index` of the group `spec` draws.
pub(crate) fn concurrency(seed: u64, spec: &MinerGroup, index: u32) -> u32 {
    let stream = StreamSeed::derive(seed, &format!("miner/{}", spec.name), index);
    spec.concurrency.sample(&mut stream.rng_of(Choice::Concurrency))
}

fn owner(
    scenario: &Scenario,
    (group, spec, load): (u32, &OwnerGroup, &GroupLoad),
    index: u32,
    nodes: OwnerNodes,
) -> OwnerPlan {
    let (seed, price) = (scenario.seed, scenario.price);
    let label = format!("owner/{}", spec.name);
    let drawn = redundancies(seed, spec, index);
    let drawn = drawn
        .into_iter()
        .zip(load.session_tasks(spec.submitting(), index));
    let session = |((session, dedicated), (redundancy, tasks)): ((u32, Vec<Address>), (u32, Option<u64>))| {
        // What an unlimited number of tasks costs nobody knows: such a group says itself what to deposit, or tasks are free.
        let cost = price
            .saturating_mul(U256::from(redundancy))
            .saturating_mul(U256::from(tasks.unwrap_or(0)));
        SessionPlan {
            spec: NewSession {
                name: format!("{} {index}.{session}", spec.name),
                min_nodes: spec.min_nodes.into(),
                max_nodes: spec.max_nodes.into(),
                redundancy: redundancy.into(),
                mode: spec.mode.code(),
                reserve: spec.reserve,
            },
            deposit: spec.deposit.unwrap_or(cost),
            dedicated,
            tasks,
        }
    };
    OwnerPlan {
        group,
        key: misbehaviour::key(seed, &label, index, &spec.behaviour),
        fees: spec.fees,
        stream: owner_stream(seed, spec, index),
        network: StreamSeed::derive_network(seed, &label, index),
        sessions: (0..).zip(nodes.sessions).zip(drawn).map(session).collect(),
        load: load.member(
            spec.submitting(),
            index,
            in_flight(spec.submitting(), owner_stream(seed, spec, index)),
        ),
        payload_size: spec.submissions.payload_size.clone(),
        manage: ManagePlan::of(scenario, spec, nodes.spare),
    }
}

fn miner(seed: u64, group: u32, spec: &MinerGroup, index: u32, pooled: bool) -> MinerPlan {
    let label = format!("miner/{}", spec.name);
    let stream = StreamSeed::derive(seed, &label, index);
    MinerPlan {
        group,
        key: misbehaviour::key(seed, &label, index, &spec.behaviour),
        fees: spec.fees,
        stream,
        network: StreamSeed::derive_network(seed, &label, index),
        ack_delay: spec.ack_delay.clone(),
        work_time: spec.work_time.clone(),
        commit_delay: spec.commit_delay.clone(),
        result_size: spec.result_size.clone(),
        concurrency: concurrency(seed, spec, index),
        presence: PresencePlan {
            pooled,
            dedicated_to: None,
            join_after: spec.join_after.clone(),
            churn: spec.churn.clone(),
        },
    }
}

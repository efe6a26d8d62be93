//! The population of a run.

use std::time::Duration;

use alloy::primitives::{Address, U256};
use rand::Rng;

use super::{
    Arrival, Choice, Key, ManagePlan, OrderPlan, PresencePlan, StreamSeed,
    dedicated::{self, OwnerNodes},
    group_arrivals,
    replay::{share_out, tasks_by_session},
    round_robin::RoundRobin,
};
use crate::{
    fees::Eip1559Fees,
    protocol::NewSession,
    scenario::{
        DelayDistribution, Distribution, InFlightDistribution, Load, MinerGroup, OwnerGroup, Scenario,
        SizeDistribution, units::Count,
    },
    time::Micros,
};

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
    /// Tasks that all owners together submit; `None` if that depends on how fast they go.
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

/// An owner.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerPlan {
    /// Its group, as an index into [`Scenario::owners`].
    pub group: u32,
    /// Its account.
    pub key: Key,
    /// The fees of its transactions.
    pub fees: Eip1559Fees,
    /// Its random choices.
    pub stream: StreamSeed,
    /// The delays of its transactions on their way to the chain, where that way is simulated.
    pub network: StreamSeed,
    /// The sessions that it opens.
    pub sessions: Vec<SessionPlan>,
    /// When it submits.
    pub load: LoadPlan,
    /// Bytes of a task's payload.
    pub payload_size: SizeDistribution,
    /// What it does with its sessions beside submitting; `None` for nothing.
    pub manage: Option<ManagePlan>,
}

/// A session.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionPlan {
    /// What it is created with.
    pub spec: NewSession,
    /// Wei to deposit to it; 0 for no deposit.
    pub deposit: U256,
    /// Miners that it gets to itself; they are not in the pool.
    pub dedicated: Vec<Address>,
    /// Tasks that are submitted to it; at most, if its load is closed and ends by time. `None` for no limit but time.
    pub tasks: Option<u64>,
}

/// When an owner submits.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadPlan {
    /// At these times, in ascending order; as many as its sessions have tasks.
    Open(Vec<Arrival>),
    /// Whenever fewer tasks of a session are in flight than it keeps, until its tasks or its time are used up.
    Closed {
        /// Tasks in flight of each of the owner's sessions, from 1.
        in_flight: Vec<u32>,
        /// From the end of a task to the submission of the next.
        think_time: DelayDistribution,
        /// When it begins, since the load of the run began.
        start: Duration,
        /// When it ends, since the load of the run began: from then on no task is submitted. `None` for no end but that
        /// of its tasks.
        end: Option<Duration>,
    },
}

impl LoadPlan {
    /// When the first task of it is due, since the load began; `None` if there is none.
    #[must_use]
    pub fn first_due(&self) -> Option<Micros> {
        match self {
            Self::Open(arrivals) => arrivals.first().map(|arrival| arrival.at),
            Self::Closed { start, .. } => Some(Micros::from(*start)),
        }
    }
}

/// A miner.
#[derive(Clone, Debug, PartialEq)]
pub struct MinerPlan {
    /// Its group, as an index into [`Scenario::miners`].
    pub group: u32,
    /// Its account.
    pub key: Key,
    /// The fees of its transactions.
    pub fees: Eip1559Fees,
    /// Its random choices.
    pub stream: StreamSeed,
    /// The delays of its transactions on their way to the chain, where that way is simulated.
    pub network: StreamSeed,
    /// From seeing that it was assigned a task to sending the ack.
    pub ack_delay: DelayDistribution,
    /// From the ack to having the result.
    pub work_time: DelayDistribution,
    /// From seeing that the precommit phase ended to sending the commit.
    pub commit_delay: DelayDistribution,
    /// Bytes of a result.
    pub result_size: SizeDistribution,
    /// Tasks worked on at once, from 1.
    pub concurrency: u32,
    /// Whether and when it is there.
    pub presence: PresencePlan,
}

/// An oracle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OraclePlan {
    /// Its account.
    pub key: Key,
    /// The fees of its transactions.
    pub fees: Eip1559Fees,
    /// Its random choices.
    pub stream: StreamSeed,
    /// The delays of its transactions on their way to the chain, where that way is simulated.
    pub network: StreamSeed,
    /// Time between two looks at the deadlines.
    pub check_interval: Duration,
}

impl Plan {
    /// The plan of a scenario.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let seed = scenario.seed;
        let miners = (0..).zip(&scenario.miners).flat_map(|(group, spec)| {
            let pooled = scenario.is_pooled(spec);
            (0..spec.count).map(move |index| miner(seed, group, spec, index, pooled))
        });
        let mut miners: Vec<_> = miners.collect();
        let nodes = dedicated::assign(scenario, &miners);
        let loads: Vec<_> = scenario
            .owners
            .iter()
            .map(|spec| GroupLoad::of(scenario, spec))
            .collect();
        let owners = (0..)
            .zip(&scenario.owners)
            .zip(&loads)
            .flat_map(|((group, spec), load)| (0..spec.count).map(move |index| ((group, spec, load), index)));
        let owners: Vec<_> = owners
            .zip(nodes)
            .map(|((group, index), nodes)| owner(scenario, group, index, nodes))
            .collect();
        dedicated::assign_to_miners(&mut miners, &owners);
        let oracles = (0..scenario.oracle.count).map(|index| OraclePlan {
            key: Key::derive(seed, "oracle", index),
            fees: scenario.oracle.fees,
            stream: StreamSeed::derive(seed, "oracle", index),
            network: StreamSeed::derive_network(seed, "oracle", index),
            check_interval: scenario.oracle.check_interval,
        });
        Self {
            deployer: Key::derive(seed, "deployer", 0),
            order: OrderPlan::of(scenario, &owners, &miners),
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
            max_in_flight: scenario.owners.iter().map(|spec| spec.max_in_flight).collect(),
            submission_delay: scenario.chain.submission_delay.clone(),
        }
    }
}

/// The load of a group as a whole.
pub(crate) struct GroupLoad {
    /// When its tasks arrive; empty if it is closed.
    pub(crate) arrivals: Vec<Micros>,
    /// Tasks that it submits; `None` if that depends on how fast they go.
    tasks: Option<u64>,
    /// Tasks to assign to its sessions; `None` for no limit.
    assigned: Option<u64>,
    /// The arrivals of each of its owners, if a trace says whose they are: then no task is assigned round-robin.
    shares: Option<Vec<Vec<Arrival>>>,
    /// When it is planned to end, since the load of the run began; `None` if that depends on how fast tasks go.
    end: Option<Micros>,
}

impl GroupLoad {
    /// The load of the group `spec`.
    pub(crate) fn of(scenario: &Scenario, spec: &OwnerGroup) -> Self {
        let end = spec.longest().map(|longest| Micros::from(spec.start) + longest);
        let limit = spec.task_limit();
        let Some(arrivals) = group_arrivals(scenario, spec) else {
            return Self {
                arrivals: Vec::new(),
                tasks: limit.filter(|_| end.is_none()),
                assigned: limit,
                shares: None,
                end,
            };
        };
        let tasks = Some(arrivals.len() as u64);
        let last = arrivals.last().copied().unwrap_or_default();
        Self {
            end: Some(end.filter(|_| tasks < limit || limit.is_none()).unwrap_or(last)),
            arrivals,
            tasks,
            assigned: tasks,
            shares: match &spec.load {
                Load::Trace(replay) => Some(share_out(spec, replay)),
                _ => None,
            },
        }
    }
}

impl GroupLoad {
    /// Tasks of each session of the owner `index`; `None` for no limit.
    pub(crate) fn session_tasks(&self, spec: &OwnerGroup, index: u32) -> Vec<Option<u64>> {
        if let Some(share) = self.share(index) {
            let tasks = tasks_by_session(share, spec.sessions);
            return tasks.into_iter().map(Some).collect();
        }
        let assignment = self.assignment(spec);
        (0..spec.sessions)
            .map(|session| assignment.map(|assignment| assignment.tasks(index, session)))
            .collect()
    }

    fn share(&self, index: u32) -> Option<&Vec<Arrival>> {
        self.shares.as_ref()?.get(index as usize)
    }

    fn assignment(&self, spec: &OwnerGroup) -> Option<RoundRobin> {
        self.assigned
            .map(|tasks| RoundRobin::new(spec.count, spec.sessions, tasks))
    }
}

/// The random choices of the owner `index` of the group `spec`.
fn owner_stream(seed: u64, spec: &OwnerGroup, index: u32) -> StreamSeed {
    StreamSeed::derive(seed, &format!("owner/{}", spec.name), index)
}

/// The redundancy that each session of the owner `index` of the group `spec` draws.
pub(crate) fn redundancies(seed: u64, spec: &OwnerGroup, index: u32) -> Vec<u32> {
    let draws = owner_stream(seed, spec, index).rng_of(Choice::Redundancy);
    each(&spec.redundancy, draws, spec.sessions)
}

/// The tasks in flight that each session of the owner `index` of the group `spec` draws for its closed load.
pub(crate) fn in_flight(
    seed: u64,
    spec: &OwnerGroup,
    in_flight: &InFlightDistribution,
    index: u32,
) -> Vec<u32> {
    let draws = owner_stream(seed, spec, index).rng_of(Choice::InFlight);
    each(in_flight, draws, spec.sessions)
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
    let drawn = drawn.into_iter().zip(load.session_tasks(spec, index));
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
        key: Key::derive(seed, &label, index),
        fees: spec.fees,
        stream: owner_stream(seed, spec, index),
        network: StreamSeed::derive_network(seed, &label, index),
        sessions: (0..).zip(nodes.sessions).zip(drawn).map(session).collect(),
        load: match &spec.load {
            Load::BackToBack {
                in_flight: tasks,
                think_time,
            } => LoadPlan::Closed {
                in_flight: in_flight(seed, spec, tasks, index),
                think_time: think_time.clone(),
                start: spec.start,
                end: spec.duration.map(|duration| spec.start + duration),
            },
            Load::Trace(_) => LoadPlan::Open(load.share(index).cloned().unwrap_or_default()),
            _ => LoadPlan::Open(
                load.assignment(spec)
                    .map_or_else(Vec::new, |assignment| assignment.arrivals(index, &load.arrivals)),
            ),
        },
        payload_size: spec.payload_size.clone(),
        manage: ManagePlan::of(scenario, spec, nodes.spare),
    }
}

/// A count for each of so many sessions, in their order.
fn each<const MOST: u32>(counts: &Distribution<Count<MOST>>, mut draws: impl Rng, sessions: u32) -> Vec<u32> {
    (0..sessions).map(|_| counts.sample(&mut draws)).collect()
}

fn miner(seed: u64, group: u32, spec: &MinerGroup, index: u32, pooled: bool) -> MinerPlan {
    let label = format!("miner/{}", spec.name);
    let stream = StreamSeed::derive(seed, &label, index);
    MinerPlan {
        group,
        key: Key::derive(seed, &label, index),
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

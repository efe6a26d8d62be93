//! The population of a scenario: owners, miners and oracles.

use std::time::Duration;

use alloy::primitives::U256;

use super::{
    Assignment, Churn, DedicatedNodes, DelayDistribution, Distribution, Load, Management, SizeDistribution,
    Submissions, SubmittingGroup, units::Count,
};
use crate::{fees::Eip1559Fees, protocol::BehaviourSpec};

/// Tasks that a miner works on at once, 1 to [`MinerGroup::MAX_CONCURRENCY`].
pub type ConcurrencyDistribution = Distribution<Count<{ MinerGroup::MAX_CONCURRENCY }>>;

/// Miners per task, 1 to [`OwnerGroup::MAX_REDUNDANCY`].
pub type RedundancyDistribution = Distribution<Count<{ OwnerGroup::MAX_REDUNDANCY }>>;

/// Owners that behave alike.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerGroup {
    /// Unique among the owners' groups; keys and random streams of its owners derive from it.
    pub name: String,
    /// Owners in the group, from 1.
    pub count: u32,
    /// Sessions that each owner opens, from 1.
    pub sessions: u32,
    /// Which nodes its sessions draw.
    pub mode: Mode,
    /// Smallest number of miners that a session accepts, from the largest `redundancy` that can be drawn.
    pub min_nodes: u32,
    /// Miners that a session draws from the pool, from `min_nodes` to [`OwnerGroup::MAX_NODES`].
    pub max_nodes: u32,
    /// Miners that each task of a session is assigned to; drawn once for every session, which keeps it.
    pub redundancy: RedundancyDistribution,
    /// Whether the drawn miners leave the pool while the session lasts.
    pub reserve: bool,
    /// What it submits, and when.
    pub submissions: Submissions,
    /// Wei deposited to each session; by default exactly what its tasks cost.
    pub deposit: Option<U256>,
    /// The miners that each session has to itself; `None` for no such.
    pub dedicated: Option<DedicatedNodes>,
    /// What its owners do with their sessions beside submitting tasks.
    pub manage: Management,
    /// How its owners misbehave; empty if they are honest.
    pub behaviour: Vec<BehaviourSpec>,
    /// What its owners' transactions offer to pay: the keys `tip` and `max_fee`.
    pub fees: Eip1559Fees,
}

impl OwnerGroup {
    /// Most miners per session: what the contracts can draw and release in one transaction.
    pub const MAX_NODES: u32 = 255;
    /// Most miners per task: the contracts count them in eight bits.
    pub const MAX_REDUNDANCY: u32 = 255;

    /// Sessions of the whole group.
    #[must_use]
    pub fn total_sessions(&self) -> u64 {
        u64::from(self.count) * u64::from(self.sessions)
    }

    /// What it has in common with any group that submits tasks.
    #[must_use]
    pub fn submitting(&self) -> SubmittingGroup<'_> {
        SubmittingGroup {
            name: &self.name,
            count: self.count,
            sessions: self.sessions,
            submissions: &self.submissions,
        }
    }

    /// How many tasks the group submits at most, by its count alone; saturates.
    #[must_use]
    pub fn task_limit(&self) -> Option<u64> {
        self.submitting().task_limit()
    }

    /// Tasks that the group is expected to submit, as [`SubmittingGroup::expected_tasks`] has them.
    #[must_use]
    pub fn expected_tasks(&self, block_time: Duration) -> Option<u64> {
        self.submitting().expected_tasks(block_time)
    }

    /// Wei that the tasks of a session cost at `price`, with blocks of this length, at most: of sessions with unequal
    /// numbers of tasks, those of the largest, and with the largest `redundancy` that can be drawn. Saturates; `None` if the number of its tasks is not known before they are over.
    #[must_use]
    pub fn session_cost(&self, price: U256, block_time: Duration) -> Option<U256> {
        let tasks = match &self.submissions.load {
            Load::Trace(replay) => self.submitting().largest_share(replay),
            _ => {
                let tasks = self.expected_tasks(block_time)?;
                let each = tasks.div_ceil(self.total_sessions().max(1));
                match self.submissions.assignment {
                    Assignment::RoundRobin => each,
                    // Beyond six standard deviations of a Poisson distribution lies no session.
                    Assignment::Random => tasks.min(each + (6.0 * (each as f64).sqrt()).ceil() as u64 + 6),
                }
            }
        };
        let cost = price.saturating_mul(U256::from(self.redundancy.largest()));
        Some(cost.saturating_mul(U256::from(tasks)))
    }
}

named! {
    /// Which nodes a session draws.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Mode {
        /// Miners of the pool.
        #[default]
        Ephemeral = "ephemeral",
        /// Dedicated nodes first, then miners of the pool.
        Hybrid = "hybrid",
        /// Dedicated nodes only.
        Dedicated = "dedicated",
    }
}

impl Mode {
    /// The mode as `SessionV2.create` takes it: 0 ephemeral, 1 hybrid, 2 dedicated.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ephemeral => 0,
            Self::Hybrid => 1,
            Self::Dedicated => 2,
        }
    }
}

/// Miners that behave alike.
#[derive(Clone, Debug, PartialEq)]
pub struct MinerGroup {
    /// Unique among the miners' groups; keys and random streams of its miners derive from it.
    pub name: String,
    /// Miners in the group, from 1.
    pub count: u32,
    /// From seeing that it was assigned a task to sending the ack.
    pub ack_delay: DelayDistribution,
    /// From the ack to having the result: the inference itself.
    pub work_time: DelayDistribution,
    /// From seeing that the precommit phase ended to sending the commit.
    pub commit_delay: DelayDistribution,
    /// Bytes of a result.
    pub result_size: SizeDistribution,
    /// Tasks worked on at once, drawn once for every miner. Default 1: inference takes the whole device.
    pub concurrency: ConcurrencyDistribution,
    /// How long after the load began each joins; `None` if they are there from the start.
    pub join_after: Option<DelayDistribution>,
    /// How they come and go; `None` if they stay.
    pub churn: Option<Churn>,
    /// How its miners misbehave; empty if they are honest.
    pub behaviour: Vec<BehaviourSpec>,
    /// What its miners' transactions offer to pay: the keys `tip` and `max_fee`.
    pub fees: Eip1559Fees,
}

impl MinerGroup {
    /// Most tasks that a miner works on at once.
    pub const MAX_CONCURRENCY: u32 = 1_000_000;
}

/// Who closes what miners did not finish in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OracleSpec {
    /// Oracles; 0 leaves overdue tasks open. Default 1.
    pub count: u32,
    /// Time between two looks at the deadlines, at least [`OracleSpec::MIN_CHECK_INTERVAL`], at most an hour. Default 1 s.
    pub check_interval: Duration,
    /// How the oracles misbehave; empty if they are honest.
    pub behaviour: Vec<BehaviourSpec>,
    /// What the oracles' transactions offer to pay: the keys `tip` and `max_fee`.
    pub fees: Eip1559Fees,
}

impl OracleSpec {
    /// Shortest time between two looks at the deadlines: they lie on whole seconds.
    pub const MIN_CHECK_INTERVAL: Duration = Duration::from_millis(10);
    /// Longest time between two looks.
    pub const MAX_CHECK_INTERVAL: Duration = Duration::from_secs(3600);
}

impl Default for OracleSpec {
    fn default() -> Self {
        Self {
            count: 1,
            check_interval: Duration::from_secs(1),
            behaviour: Vec::new(),
            fees: Eip1559Fees::default(),
        }
    }
}

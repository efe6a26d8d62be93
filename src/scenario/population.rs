//! The population of a scenario: owners, miners and oracles.

use std::{collections::BTreeMap, time::Duration};

use alloy::primitives::U256;

#[cfg(doc)]
use super::Limits;
use super::{
    Churn, DedicatedNodes, DelayDistribution, Distribution, Load, Management, Replay, SizeDistribution,
    TaskCount, units::Count,
};
use crate::fees::Eip1559Fees;

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
    /// Tasks that the group submits at most; `None` if its load ends by time alone, by `duration` or with its stages.
    pub tasks: Option<TaskCount>,
    /// How long its load lasts, from `start` on, unless its tasks are used up before; at most [`Limits::MAX`], and at
    /// most the length of its stages. `None` for no end but its tasks' or its stages'.
    pub duration: Option<Duration>,
    /// When its load begins, since the load of the run began; at most [`Limits::MAX`]. Default 0.
    pub start: Duration,
    /// How it spaces its submissions.
    pub load: Load,
    /// Tasks of the group that may be in flight at once, from 1; an open load's arrivals beyond that are dropped, and
    /// counted. `None` for no limit.
    pub max_in_flight: Option<u32>,
    /// Bytes of a task's payload.
    pub payload_size: SizeDistribution,
    /// Wei deposited to each session; by default exactly what its tasks cost.
    pub deposit: Option<U256>,
    /// The miners that each session has to itself; `None` for no such.
    pub dedicated: Option<DedicatedNodes>,
    /// What its owners do with their sessions beside submitting tasks.
    pub manage: Management,
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

    /// How many tasks the group submits at most, by its count alone; saturates.
    #[must_use]
    pub fn task_limit(&self) -> Option<u64> {
        Some(match self.tasks? {
            TaskCount::Total(tasks) => tasks,
            TaskCount::PerSession(tasks) => tasks.saturating_mul(self.total_sessions()),
        })
    }

    /// How long the group's load lasts at most, from its start on; `None` if only its tasks end it.
    #[must_use]
    pub fn longest(&self) -> Option<Duration> {
        match (self.duration, self.load.length()) {
            (Some(duration), Some(length)) => Some(duration.min(length)),
            (duration, length) => duration.or(length),
        }
    }

    /// Tasks that the group is expected to submit, with blocks of this length: exactly so many where arrivals are evenly
    /// spaced or counted, so many in the mean where they are random and end by time. Those that `max_in_flight` drops are
    /// among them. Saturates; `None` for a closed load that ends by its duration alone.
    #[must_use]
    pub fn expected_tasks(&self, block_time: Duration) -> Option<u64> {
        let by_time = self
            .longest()
            .and_then(|longest| self.load.expected(longest, block_time))
            // Evenly spaced, the first task comes at 0: so many as begin in the time. What is within a millionth of a
            // whole number is one.
            .map(|tasks| (tasks - 1e-6).ceil() as u64);
        match (self.task_limit(), by_time) {
            (Some(limit), Some(tasks)) => Some(limit.min(tasks)),
            (limit, tasks) => limit.or(tasks),
        }
    }

    /// Rows of the replay that the group submits.
    #[must_use]
    pub(crate) fn rows_of(&self, replay: &Replay) -> usize {
        let in_time = replay.due_before(self.duration.unwrap_or(Duration::MAX));
        let limit = self.task_limit().and_then(|limit| usize::try_from(limit).ok());
        limit.map_or(in_time, |limit| limit.min(in_time))
    }

    /// Tasks of the session that has the most of them in a replay.
    fn largest_share(&self, replay: &Replay) -> u64 {
        let mut shares = BTreeMap::new();
        for seat in replay.seats(self.count, self.sessions).take(self.rows_of(replay)) {
            *shares.entry(seat).or_insert(0) += 1;
        }
        shares.into_values().max().unwrap_or(0)
    }

    /// Wei that the tasks of a session cost at `price`, with blocks of this length, at most: of sessions with unequal
    /// numbers of tasks, those of the largest, and with the largest `redundancy` that can be drawn. Saturates; `None` if the number of its tasks is not known before they are over.
    #[must_use]
    pub fn session_cost(&self, price: U256, block_time: Duration) -> Option<U256> {
        let tasks = match &self.load {
            Load::Trace(replay) => self.largest_share(replay),
            _ => self
                .expected_tasks(block_time)?
                .div_ceil(self.total_sessions().max(1)),
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
    /// What its miners' transactions offer to pay: the keys `tip` and `max_fee`.
    pub fees: Eip1559Fees,
}

impl MinerGroup {
    /// Most tasks that a miner works on at once.
    pub const MAX_CONCURRENCY: u32 = 1_000_000;
}

/// Who closes what miners did not finish in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OracleSpec {
    /// Oracles; 0 leaves overdue tasks open. Default 1.
    pub count: u32,
    /// Time between two looks at the deadlines, at least [`OracleSpec::MIN_CHECK_INTERVAL`], at most an hour. Default 1 s.
    pub check_interval: Duration,
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
            fees: Eip1559Fees::default(),
        }
    }
}

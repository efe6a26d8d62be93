//! The plans that actors follow: what each is to do, with which account, delays and random streams.

use std::time::Duration;

use alloy::primitives::{Address, U256};

use crate::{
    distribution::{DelayDistribution, SizeDistribution},
    fees::Eip1559Fees,
    protocol::NewSession,
    seed::{Choice, Key, StreamSeed},
    time::Micros,
};

/// An owner.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerPlan {
    /// Its group, counted over the groups of owners.
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
    /// Its group, counted over the groups of miners.
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

/// One submission of an open load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When it is due, since the load began.
    pub at: Micros,
    /// The session that submits, as an index into its owner's sessions.
    pub session: u32,
    /// Bytes of its payload; `None` to draw them.
    pub payload: Option<u16>,
}

/// Something that an owner does with its sessions again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// Updates a session.
    Update,
    /// Adds money to a session.
    TopUp,
    /// Takes money out of a session.
    Withdraw,
    /// Changes a session's routers.
    Routers,
    /// Exchanges a dedicated node of a session.
    Dedicated,
    /// Opens a session in the place of another.
    Reopen,
}

impl Duty {
    /// Every duty.
    pub const ALL: [Self; 6] = [
        Self::Update,
        Self::TopUp,
        Self::Withdraw,
        Self::Routers,
        Self::Dedicated,
        Self::Reopen,
    ];

    /// The choices of an owner that decide when it is due.
    #[must_use]
    pub const fn choice(self) -> Choice {
        match self {
            Self::Update => Choice::Update,
            Self::TopUp => Choice::TopUp,
            Self::Withdraw => Choice::Withdraw,
            Self::Routers => Choice::Routers,
            Self::Dedicated => Choice::Dedicated,
            Self::Reopen => Choice::Reopen,
        }
    }
}

/// What an owner does with its sessions while the load goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct ManagePlan {
    /// Its duties, each with the time from one occurrence to the next.
    pub duties: Vec<(Duty, DelayDistribution)>,
    /// Wei of a top-up.
    pub top_up: U256,
    /// Wei of a withdrawal.
    pub withdraw: U256,
    /// After how many tasks a session makes room for another; `None` for never.
    pub reopen_every: Option<u64>,
    /// Wei that a miner is paid per task.
    pub price: U256,
    /// Dedicated nodes that no session has at first.
    pub spare_nodes: Vec<Address>,
}

/// Whether and when a miner is there.
#[derive(Clone, Debug, PartialEq)]
pub struct PresencePlan {
    /// Whether it registers with the pool. One that sessions have as a dedicated node does not.
    pub pooled: bool,
    /// The owner that has it as a dedicated node, if one has.
    pub dedicated_to: Option<Address>,
    /// How long after the load began it joins; `None` if it is there from the start.
    pub join_after: Option<DelayDistribution>,
    /// How it goes and comes back; `None` if it stays.
    pub churn: Option<Churn>,
}

/// How miners of a group come and go while the load goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Churn {
    /// How they go.
    pub kind: Departure,
    /// How long one stays.
    pub lifetime: DelayDistribution,
    /// How long one is away; `None` if it does not come back.
    pub away: Option<DelayDistribution>,
}

named! {
    /// How a miner goes.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Departure {
        /// It leaves the pool, finishes what it acked, and takes no more.
        #[default]
        Leave = "leave",
        /// It falls silent at once, and forgets what it had on hand.
        Crash = "crash",
    }
}

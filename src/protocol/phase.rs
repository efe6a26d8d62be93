//! The phases of a task and of the transactions that drive it.

use serde::{Deserialize, Serialize};

/// The phase of the lifecycle that a transaction belongs to. Every [`super::Function`] belongs to exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// What comes before any task: registering miners, creating sessions, deposits, giving sessions their dedicated
    /// nodes. Empty transfers that fill nonces count here, too.
    Setup,
    /// Submitting tasks.
    Submit,
    /// Acks, and the closing of ack phases that miners left open.
    Ack,
    /// Precommits, and the closing of precommit phases that miners left open.
    Precommit,
    /// Commits, and the closing of commit phases that miners left open.
    Commit,
    /// Ending tasks.
    End,
    /// What owners and miners do beside the tasks while the load goes on: updating, funding, reopening and deactivating
    /// sessions, routers and dedicated nodes, miners that leave and join.
    Manage,
}

impl Phase {
    /// Every phase, in lifecycle order, and last what goes on beside it.
    pub const ALL: [Self; 7] = [
        Self::Setup,
        Self::Submit,
        Self::Ack,
        Self::Precommit,
        Self::Commit,
        Self::End,
        Self::Manage,
    ];

    /// The phase's name as files and messages write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Submit => "submit",
            Self::Ack => "ack",
            Self::Precommit => "precommit",
            Self::Commit => "commit",
            Self::End => "end",
            Self::Manage => "manage",
        }
    }

    /// Whether it is part of a task's lifecycle.
    #[must_use]
    pub const fn is_lifecycle(self) -> bool {
        !matches!(self, Self::Setup | Self::Manage)
    }
}

/// The phase of the task; the state that an unfinished task is counted under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskPhase {
    /// Its submission has been planned and not been included yet.
    Submitting,
    /// Assigned; some miner has not acked.
    Ack,
    /// All that acked are at work or have precommitted; the phase has not ended.
    Precommit,
    /// Miners may reveal; the phase has not ended.
    Commit,
    /// Waiting to be ended.
    End,
    /// Ended: nothing about it changes any more.
    Ended,
}

impl TaskPhase {
    /// Every state, in lifecycle order.
    pub const ALL: [Self; 6] = [
        Self::Submitting,
        Self::Ack,
        Self::Precommit,
        Self::Commit,
        Self::End,
        Self::Ended,
    ];

    /// The state's name as files and messages write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submitting => "submitting",
            Self::Ack => "ack",
            Self::Precommit => "precommit",
            Self::Commit => "commit",
            Self::End => "end",
            Self::Ended => "ended",
        }
    }
}

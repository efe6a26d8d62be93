//! What the chain tells actors.

use alloy::primitives::{Address, B256, U256};

use super::TaskKey;

/// A lifecycle event of the contracts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A session was opened.
    SessionCreated {
        /// Its id.
        session: u64,
        /// Its owner.
        owner: Address,
        /// The miners that it drew.
        miners: Vec<Address>,
    },
    /// A session closed: it takes no more tasks and has no miners.
    SessionDeactivated {
        /// Its id.
        session: u64,
    },
    /// A session let go of a miner.
    NodeReleased {
        /// The session's id.
        session: u64,
        /// The miner's node id: Keccak-256 of its address.
        node: B256,
    },
    /// Some session has a miner to itself; the event does not say which.
    DedicatedNodeAdded {
        /// The miner.
        node: Address,
    },
    /// Wei came into a session's balance.
    Deposited {
        /// The session's id.
        session: u64,
        /// Wei.
        amount: U256,
    },
    /// Wei went back from a session's balance to its owner.
    Withdrawn {
        /// The session's id.
        session: u64,
        /// Wei.
        amount: U256,
    },
    /// A task was queued.
    TaskQueued {
        /// The task.
        key: TaskKey,
        /// Its id over all sessions.
        global_id: u64,
    },
    /// A task was given to miners.
    TaskAssigned {
        /// The task.
        key: TaskKey,
        /// Its miners.
        miners: Vec<Address>,
    },
    /// A miner took a task on.
    TaskAcked {
        /// The task.
        key: TaskKey,
        /// The miner.
        miner: Address,
    },
    /// A miner bound itself to a result.
    TaskPrecommitted {
        /// The task.
        key: TaskKey,
        /// The miner.
        miner: Address,
    },
    /// Every miner that acked has precommitted.
    TaskAllPrecommitted {
        /// The task.
        key: TaskKey,
    },
    /// The precommit phase ended: miners may reveal.
    TaskPrecommitEnded {
        /// The task.
        key: TaskKey,
    },
    /// A miner revealed its result.
    TaskCommitted {
        /// The task.
        key: TaskKey,
        /// The miner.
        miner: Address,
    },
    /// Every miner that precommitted has revealed.
    TaskAllCommitted {
        /// The task.
        key: TaskKey,
    },
    /// The commit phase ended: the task may be ended.
    TaskCommitEnded {
        /// The task.
        key: TaskKey,
    },
    /// The task ended.
    TaskEnded {
        /// The task.
        key: TaskKey,
        /// The miners that committed.
        miners: Vec<Address>,
    },
}

impl Event {
    /// The task that it is about, if it is about one.
    #[must_use]
    pub const fn task(&self) -> Option<TaskKey> {
        match self {
            Self::SessionCreated { .. }
            | Self::SessionDeactivated { .. }
            | Self::NodeReleased { .. }
            | Self::DedicatedNodeAdded { .. }
            | Self::Deposited { .. }
            | Self::Withdrawn { .. } => None,
            Self::TaskQueued { key, .. }
            | Self::TaskAssigned { key, .. }
            | Self::TaskAcked { key, .. }
            | Self::TaskPrecommitted { key, .. }
            | Self::TaskAllPrecommitted { key }
            | Self::TaskPrecommitEnded { key }
            | Self::TaskCommitted { key, .. }
            | Self::TaskAllCommitted { key }
            | Self::TaskCommitEnded { key }
            | Self::TaskEnded { key, .. } => Some(*key),
        }
    }

    /// The session that it is about.
    #[must_use]
    pub fn session(&self) -> Option<u64> {
        match self {
            Self::SessionCreated { session, .. }
            | Self::SessionDeactivated { session }
            | Self::NodeReleased { session, .. }
            | Self::Deposited { session, .. }
            | Self::Withdrawn { session, .. } => Some(*session),
            _ => self.task().map(|key| key.session),
        }
    }
}

//! Lifecycle events of the contracts.

use alloy::primitives::{Address, B256, U256};

use super::{RouterChange, SessionRef, TaskKey, WindowSeconds};

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
    /// A session's terms changed.
    SessionUpdated {
        /// Its id.
        session: u64,
        /// Who changed them.
        updater: Address,
        /// Smallest number of miners.
        min_nodes: u64,
        /// Largest number of miners.
        max_nodes: u64,
        /// Miners that each task is assigned to.
        redundancy: u64,
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
    /// A miner is no dedicated node any more.
    DedicatedNodeRemoved {
        /// The miner.
        node: Address,
    },
    /// The routers of a session changed; only their reset tells of which.
    RoutersChanged {
        /// The session's id, where it is told.
        session: Option<u64>,
        /// The change.
        change: RouterChange,
    },
    /// A miner entered the pool.
    MinerRegistered {
        /// The miner.
        miner: Address,
        /// Its node id.
        node: B256,
    },
    /// A miner left the pool.
    MinerUnregistered {
        /// The miner.
        miner: Address,
        /// Its node id.
        node: B256,
    },
    /// A miner lets sessions of an owner have it as a dedicated node, and of nobody else.
    DedicationAllowed {
        /// The miner.
        node: Address,
        /// The owner.
        owner: Address,
    },
    /// A miner took out what it had earned.
    EarningsWithdrawn {
        /// The miner.
        miner: Address,
        /// Wei.
        amount: U256,
    },
    /// Wei came into a session's balance.
    Deposited {
        /// The session's id.
        session: u64,
        /// Who paid.
        from: Address,
        /// Wei.
        amount: U256,
    },
    /// Wei went back from a session's balance to its owner.
    Withdrawn {
        /// The session's id.
        session: u64,
        /// Who was paid.
        to: Address,
        /// Wei.
        amount: U256,
    },
    /// The windows of tasks that are queued from now on.
    WindowsChanged(WindowSeconds),
    /// Wei that each miner that commits is paid per task that is queued from now on.
    PriceChanged(U256),
    /// An account may end tasks by force, or may no more.
    OracleChanged {
        /// The account.
        account: Address,
        /// Whether it may.
        is_oracle: bool,
    },
    /// The session contract tells of a task that was queued through it.
    SubmittedViaSession {
        /// The session's id.
        session: u64,
        /// Keccak-256 of the payload.
        data: B256,
    },
    /// The session contract tells whom a task was given to that was queued through it.
    AssignedViaSession {
        /// The task.
        key: TaskKey,
        /// The node ids of its miners.
        nodes: Vec<B256>,
    },
    /// A task was queued.
    TaskQueued {
        /// The task.
        key: TaskKey,
        /// Its id over all sessions.
        global_id: u64,
        /// Keccak-256 of its payload.
        data: B256,
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
        /// The miners that precommitted, in the order of assignment.
        miners: Vec<Address>,
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
        /// The miners that committed, in the order of assignment.
        miners: Vec<Address>,
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

/// The events that are about a task.
macro_rules! of_task {
    ($key:ident) => {
        Self::TaskQueued { key: $key, .. }
            | Self::TaskAssigned { key: $key, .. }
            | Self::AssignedViaSession { key: $key, .. }
            | Self::TaskAcked { key: $key, .. }
            | Self::TaskPrecommitted { key: $key, .. }
            | Self::TaskAllPrecommitted { key: $key, .. }
            | Self::TaskPrecommitEnded { key: $key }
            | Self::TaskCommitted { key: $key, .. }
            | Self::TaskAllCommitted { key: $key, .. }
            | Self::TaskCommitEnded { key: $key }
            | Self::TaskEnded { key: $key, .. }
    };
}

/// The events that are about a session and no task, and always tell which.
macro_rules! of_session {
    ($session:ident) => {
        Self::SessionCreated {
            session: $session,
            ..
        } | Self::SessionUpdated {
            session: $session,
            ..
        } | Self::SessionDeactivated { session: $session }
            | Self::NodeReleased {
                session: $session,
                ..
            }
            | Self::Deposited {
                session: $session,
                ..
            }
            | Self::Withdrawn {
                session: $session,
                ..
            }
            | Self::SubmittedViaSession {
                session: $session,
                ..
            }
    };
}

impl Event {
    /// The task that it is about, if it is about one.
    #[must_use]
    pub const fn task(&self) -> Option<TaskKey> {
        match self {
            of_task!(key) => Some(*key),
            _ => None,
        }
    }

    /// The session that it is about.
    #[must_use]
    pub const fn session(&self) -> Option<u64> {
        match self {
            of_session!(session) => Some(*session),
            of_task!(key) => Some(key.session),
            _ => None,
        }
    }
}

impl SessionRef for Event {
    fn session_mut(&mut self) -> Option<&mut u64> {
        match self {
            of_session!(session) => Some(session),
            Self::RoutersChanged { session, .. } => session.as_mut(),
            of_task!(key) => Some(&mut key.session),
            _ => None,
        }
    }
}

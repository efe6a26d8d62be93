//! Requests of actors to the chain: transactions ([`Call`]) and reads ([`Query`]).

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};

use super::{Function, Step, TaskKey, TaskView, TaskViewKind, binding::commit_hash_of};

/// A transaction that an actor wants sent, in the protocol's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// A miner enters the node pool.
    Register,
    /// An owner opens a session.
    Create(NewSession),
    /// An owner adds `amount` wei to a session's balance.
    Deposit {
        /// The session's id.
        session: u64,
        /// Wei.
        amount: U256,
    },
    /// An owner queues a task.
    Submit {
        /// The session's id.
        session: u64,
        /// The task's payload.
        data: String,
    },
    /// A miner takes a task on.
    Ack(TaskKey),
    /// A miner binds itself to a result.
    Precommit {
        /// The task.
        key: TaskKey,
        /// [`super::commit_hash`] of the result.
        hash: B256,
        /// What it binds, if it binds something: a reorg that gives the session another id needs another hash.
        binds: Option<Binding>,
    },
    /// A miner reveals its result.
    Commit {
        /// The task.
        key: TaskKey,
        /// The result.
        data: String,
    },
    /// Closes an overdue ack phase.
    EndAck(TaskKey),
    /// Closes an overdue precommit phase.
    EndPrecommit(TaskKey),
    /// Closes an overdue commit phase.
    EndCommit(TaskKey),
    /// Ends a task.
    End {
        /// The task.
        key: TaskKey,
        /// Whether an oracle ends it against the open phase, after the last deadline.
        force: bool,
    },
    /// A miner leaves the node pool.
    Unregister,
    /// A miner, or the owner whose session has it to itself, ends that.
    Release {
        /// The miner.
        node: Address,
    },
    /// An owner changes a session's terms; the session fills up from the pool.
    Update {
        /// The session's id.
        session: u64,
        /// What it is to be; its mode and whether it reserves stay as they were.
        terms: NewSession,
        /// A note of the owner's.
        metadata: String,
    },
    /// An owner takes `amount` wei out of a session's free balance.
    Withdraw {
        /// The session's id.
        session: u64,
        /// Wei.
        amount: U256,
    },
    /// An owner closes a session: it takes no more tasks and lets go of its miners. Those that it has go on.
    Deactivate {
        /// The session's id.
        session: u64,
    },
    /// An owner changes what routers a session has.
    Router {
        /// The session's id.
        session: u64,
        /// The change.
        change: RouterChange,
    },
    /// An owner gives a session a miner of its own.
    AddDedicatedNode {
        /// The session's id.
        session: u64,
        /// The miner.
        node: Address,
    },
    /// An owner takes a dedicated miner out of a session.
    RemoveDedicatedNode {
        /// The session's id.
        session: u64,
        /// The miner.
        node: Address,
    },
    /// A miner lets sessions of an owner have it as a dedicated node.
    AllowDedication {
        /// The owner.
        owner: Address,
    },
    /// Fills a nonce that a refused or lost transaction left empty: a transfer of nothing to nobody.
    FillNonce,
}

/// What an honest precommit hash binds, beside the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Whose result it is.
    pub miner: Address,
    /// Keccak-256 of the result.
    pub result: B256,
}

impl Binding {
    /// The hash that binds this to a task.
    pub(super) fn hash(&self, key: TaskKey) -> B256 {
        commit_hash_of(key, self.miner, self.result)
    }
}

/// A change of a session's routers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RouterChange {
    /// One more.
    Add {
        /// Its address.
        router: Address,
        /// What there is to know of it.
        info: String,
    },
    /// Other facts about one that is there.
    Update {
        /// Its address.
        router: Address,
        /// What there is to know of it.
        info: String,
    },
    /// One fewer.
    Remove {
        /// Its address.
        router: Address,
    },
    /// None at all.
    Reset,
}

/// The arguments of `SessionV2.create` that a scenario decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// A name for people.
    pub name: String,
    /// Smallest number of miners that the session accepts.
    pub min_nodes: u64,
    /// Number of miners that the session draws from the pool.
    pub max_nodes: u64,
    /// Miners that each task is assigned to.
    pub redundancy: u64,
    /// 0 ephemeral, 1 hybrid, 2 dedicated.
    pub mode: u8,
    /// Whether the drawn miners leave the pool while the session lasts.
    pub reserve: bool,
}

/// The calls that are about a task.
macro_rules! of_task {
    ($key:ident) => {
        Self::Ack($key)
            | Self::Precommit { key: $key, .. }
            | Self::Commit { key: $key, .. }
            | Self::EndAck($key)
            | Self::EndPrecommit($key)
            | Self::EndCommit($key)
            | Self::End { key: $key, .. }
    };
}

/// The calls that are about a session and no task.
macro_rules! of_session {
    ($session:ident) => {
        Self::Deposit {
            session: $session,
            ..
        } | Self::Submit {
            session: $session,
            ..
        } | Self::Update {
            session: $session,
            ..
        } | Self::Withdraw {
            session: $session,
            ..
        } | Self::Deactivate {
            session: $session,
            ..
        } | Self::Router {
            session: $session,
            ..
        } | Self::AddDedicatedNode {
            session: $session,
            ..
        } | Self::RemoveDedicatedNode {
            session: $session,
            ..
        }
    };
}

impl Call {
    /// The precommit that binds `miner` to `result`.
    #[must_use]
    pub fn precommit(key: TaskKey, miner: Address, result: impl AsRef<[u8]>) -> Self {
        let binds = Binding {
            miner,
            result: keccak256(result.as_ref()),
        };
        Self::Precommit {
            key,
            hash: binds.hash(key),
            binds: Some(binds),
        }
    }

    /// The function that it calls.
    #[must_use]
    pub const fn function(&self) -> Function {
        match self {
            Self::Register => Function::REGISTER,
            Self::Create(_) => Function::CREATE,
            Self::Deposit { .. } => Function::DEPOSIT,
            Self::Submit { .. } => Function::SUBMIT,
            Self::Ack(_) => Function::ACK,
            Self::Precommit { .. } => Function::PRECOMMIT,
            Self::Commit { .. } => Function::COMMIT,
            Self::EndAck(_) => Function::END_ACK,
            Self::EndPrecommit(_) => Function::END_PRECOMMIT,
            Self::EndCommit(_) => Function::END_COMMIT,
            Self::End { .. } => Function::END,
            Self::Unregister => Function::UNREGISTER,
            Self::Release { .. } => Function::RELEASE,
            Self::Update { .. } => Function::UPDATE,
            Self::Withdraw { .. } => Function::WITHDRAW,
            Self::Deactivate { .. } => Function::DEACTIVATE,
            Self::Router { change, .. } => match change {
                RouterChange::Add { .. } => Function::ADD_ROUTER,
                RouterChange::Update { .. } => Function::UPDATE_ROUTER,
                RouterChange::Remove { .. } => Function::REMOVE_ROUTER,
                RouterChange::Reset => Function::RESET_ROUTERS,
            },
            Self::AddDedicatedNode { .. } => Function::ADD_DEDICATED_NODE,
            Self::RemoveDedicatedNode { .. } => Function::REMOVE_DEDICATED_NODE,
            Self::AllowDedication { .. } => Function::ALLOW_DEDICATION,
            Self::FillNonce => Function::FILL_NONCE,
        }
    }

    /// The task that it is about; `None` before a task has a name.
    #[must_use]
    pub const fn task(&self) -> Option<TaskKey> {
        match self {
            of_task!(key) => Some(*key),
            _ => None,
        }
    }

    /// The task of a miner's step, and the step.
    #[must_use]
    pub const fn step(&self) -> Option<(TaskKey, Step)> {
        match self {
            Self::Ack(key) => Some((*key, Step::Acked)),
            Self::Precommit { key, .. } => Some((*key, Step::Precommitted)),
            Self::Commit { key, .. } => Some((*key, Step::Committed)),
            _ => None,
        }
    }

    /// The same call about another task; `None` if it is about none. A hash that it binds stays as it is.
    #[must_use]
    pub fn for_task(&self, task: TaskKey) -> Option<Self> {
        let mut other = self.clone();
        match &mut other {
            of_task!(key) => *key = task,
            _ => return None,
        }
        if let Self::Precommit { binds, .. } = &mut other {
            *binds = None;
        }
        Some(other)
    }

    /// The session that it is about, if it is about one.
    #[must_use]
    pub const fn session(&self) -> Option<u64> {
        match self {
            of_session!(session) => Some(*session),
            of_task!(key) => Some(key.session),
            _ => None,
        }
    }
}

/// What may be about a session.
pub trait SessionRef {
    /// The id of the session that it is about; `None` if it is about none or does not say which.
    fn session_mut(&mut self) -> Option<&mut u64>;
}

impl SessionRef for Call {
    fn session_mut(&mut self) -> Option<&mut u64> {
        match self {
            of_session!(session) => Some(session),
            of_task!(key) => Some(&mut key.session),
            _ => None,
        }
    }
}

/// A read that an actor wants made on the latest state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// `SessionQueueV2.getTaskResults`
    TaskResults(TaskKey),
    /// `SessionQueueV2.getTaskCountBySessionId`
    TaskCount(u64),
    /// `SessionV2.getSessionBalance`
    SessionBalance(u64),
    /// `SessionV2.getEarnings`
    Earnings(Address),
    /// The wei that the session contract holds
    ContractBalance,
    /// What a view says of a task
    TaskView(TaskKey, TaskViewKind),
    /// `NodePool.getCounts`: how many registered miners are idle, shared and held
    PoolCounts,
    /// `SessionV2.getSession`: who its miners are, and whether it has them to itself
    SessionNodes(u64),
}

impl SessionRef for Query {
    fn session_mut(&mut self) -> Option<&mut u64> {
        match self {
            Self::TaskResults(key) | Self::TaskView(key, _) => Some(&mut key.session),
            Self::TaskCount(session) | Self::SessionBalance(session) | Self::SessionNodes(session) => {
                Some(session)
            }
            Self::Earnings(_) | Self::ContractBalance | Self::PoolCounts => None,
        }
    }
}

/// What a [`Query`] returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The miners that committed, and what they revealed, in the same order.
    TaskResults {
        /// The task.
        key: TaskKey,
        /// Miner and revealed result; where there are more of the one than of the other, zero and nothing.
        results: Vec<(Address, Bytes)>,
    },
    /// How many tasks a session ever queued.
    TaskCount {
        /// The session's id.
        session: u64,
        /// Tasks.
        count: u64,
    },
    /// Wei that a session has left.
    SessionBalance {
        /// The session's id.
        session: u64,
        /// What its owner may withdraw.
        available: U256,
        /// What is kept for open tasks.
        reserved: U256,
    },
    /// Wei that a miner has earned.
    Earnings {
        /// The miner.
        miner: Address,
        /// Wei.
        earned: U256,
    },
    /// Wei that the session contract holds.
    ContractBalance(U256),
    /// Registered miners that are idle, shared and held.
    PoolCounts([u64; 3]),
    /// What a view says of a task.
    TaskView(TaskKey, TaskView),
    /// The miners of a session.
    SessionNodes {
        /// The session's id.
        session: u64,
        /// Those that it has to itself: dedicated ones, and drawn ones if it reserves them.
        own: Vec<Address>,
        /// Those that it may share with others.
        shared: Vec<Address>,
        /// Whether it takes tasks.
        active: bool,
    },
}

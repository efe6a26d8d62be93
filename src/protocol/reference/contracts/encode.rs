//! Calls to calldata, and replies from return data.

use std::iter;

use alloy::{
    primitives::{Address, Bytes, U256, keccak256},
    sol_types::{SolCall, SolValue},
};

use super::{
    Contracts, Invocation,
    bindings::{NodePool, SessionQueueV2 as Queue, SessionV2 as Session},
    gas::{gas_limit, scaled},
};
use crate::protocol::{Call, NewSession, Query, Reply, RouterChange, Step, TaskKey, TaskView, TaskViewKind};

/// What `getTaskResults` returns, its strings as the bytes that they are: contracts may return what is no UTF-8.
type Results = (Vec<Address>, Vec<Bytes>);

/// `SessionState.Active`
const ACTIVE: u8 = 0;

impl Contracts {
    /// The transaction that makes `call`.
    #[must_use]
    pub fn encode(&self, call: &Call) -> Invocation {
        let on_chain = self.call_on_chain(call);
        self.encode_as_is(on_chain.as_ref().unwrap_or(call))
    }

    /// The same of a call in the terms of the chain.
    pub(super) fn encode_as_is(&self, call: &Call) -> Invocation {
        let mut value = U256::ZERO;
        if let Call::Deposit { amount, .. } = call {
            value = *amount;
        }
        Invocation {
            to: Some(self.target(call)),
            value,
            input: input(call),
            gas_limit: scaled(
                gas_limit(call, self.redundancy, self.nodes),
                self.gas_limit_percent,
            ),
        }
    }

    /// The contract and calldata of a read; code to run instead of a contract's for the balance of one.
    #[must_use]
    pub fn encode_query(&self, query: Query) -> (Option<Address>, Bytes) {
        if query == Query::ContractBalance {
            return (None, balance_code(self.addresses.session));
        }
        let (contract, input) = self.encode_view(self.on_chain(&query).unwrap_or(query));
        (Some(contract), input)
    }

    fn encode_view(&self, query: Query) -> (Address, Bytes) {
        let queue = self.addresses.session_queue;
        match query {
            Query::ContractBalance => (self.addresses.session, Bytes::new()),
            Query::TaskView(key, kind) => (queue, task_view(key, kind)),
            Query::TaskResults(key) => {
                let (session, task) = ids(key);
                (
                    queue,
                    Queue::getTaskResultsCall {
                        sessionId: session,
                        taskId: task,
                    }
                    .abi_encode()
                    .into(),
                )
            }
            Query::TaskCount(session) => {
                let call = Queue::getTaskCountBySessionIdCall {
                    sessionId: U256::from(session),
                };
                (queue, call.abi_encode().into())
            }
            Query::SessionBalance(session) => {
                let call = Session::getSessionBalanceCall {
                    sessionId: U256::from(session),
                };
                (self.addresses.session, call.abi_encode().into())
            }
            Query::Earnings(miner) => (
                self.addresses.session,
                Session::getEarningsCall { miner }.abi_encode().into(),
            ),
            Query::PoolCounts => (
                self.addresses.node_pool,
                NodePool::getCountsCall {}.abi_encode().into(),
            ),
            Query::SessionNodes(session) => {
                let call = Session::getSessionCall {
                    sessionId: U256::from(session),
                };
                (self.addresses.session, call.abi_encode().into())
            }
        }
    }

    /// What a read returned.
    ///
    /// # Errors
    /// Why `data` is not what `query` returns.
    pub fn decode_reply(&self, query: Query, data: &[u8]) -> Result<Reply, String> {
        match query {
            Query::TaskResults(key) => {
                let (miners, results) =
                    Results::abi_decode_params(data).map_err(|error| error.to_string())?;
                let count = miners.len().max(results.len());
                let miners = miners.into_iter().map(Some).chain(iter::repeat(None));
                let results = results.into_iter().map(Some).chain(iter::repeat(None));
                let both = miners.zip(results).take(count);
                let results =
                    both.map(|(miner, result)| (miner.unwrap_or_default(), result.unwrap_or_default()));
                Ok(Reply::TaskResults {
                    key,
                    results: results.collect(),
                })
            }
            Query::TaskCount(session) => {
                let count = Queue::getTaskCountBySessionIdCall::abi_decode_returns(data)
                    .map_err(|error| error.to_string())?;
                Ok(Reply::TaskCount {
                    session,
                    count: count.saturating_to(),
                })
            }
            Query::SessionBalance(session) => {
                let balance = Session::getSessionBalanceCall::abi_decode_returns(data)
                    .map_err(|error| error.to_string())?;
                Ok(Reply::SessionBalance {
                    session,
                    available: balance.available,
                    reserved: balance.reserved,
                })
            }
            Query::Earnings(miner) => {
                let earned = Session::getEarningsCall::abi_decode_returns(data);
                let earned = earned.map_err(|error| error.to_string())?;
                Ok(Reply::Earnings { miner, earned })
            }
            Query::ContractBalance => {
                let wei = U256::try_from_be_slice(data);
                wei.map(Reply::ContractBalance)
                    .ok_or_else(|| format!("a balance of {} bytes", data.len()))
            }
            Query::TaskView(key, kind) => {
                let view = read_task_view(kind, data).map_err(|error| error.to_string())?;
                Ok(Reply::TaskView(key, view))
            }
            Query::PoolCounts => {
                let counts = NodePool::getCountsCall::abi_decode_returns(data);
                let counts = counts.map_err(|error| error.to_string())?;
                let all = [counts.idle, counts.shared, counts.held];
                Ok(Reply::PoolCounts(all.map(|count| count.saturating_to())))
            }
            Query::SessionNodes(session) => {
                let read =
                    Session::getSessionCall::abi_decode_returns(data).map_err(|error| error.to_string())?;
                let (mut own, mut shared) = (read.dedicatedNodes, Vec::new());
                if read.reserveEphemeralNodes {
                    own.extend(read.ephemeralNodes);
                } else {
                    shared = read.ephemeralNodes;
                }
                Ok(Reply::SessionNodes {
                    session,
                    own,
                    shared,
                    active: read.state == ACTIVE,
                })
            }
        }
    }

    const fn target(&self, call: &Call) -> Address {
        match call {
            Call::Register | Call::Unregister | Call::AllowDedication { .. } => self.addresses.node_pool,
            Call::Create(_)
            | Call::Deposit { .. }
            | Call::Release { .. }
            | Call::Update { .. }
            | Call::Withdraw { .. }
            | Call::Deactivate { .. }
            | Call::Router { .. }
            | Call::AddDedicatedNode { .. }
            | Call::RemoveDedicatedNode { .. } => self.addresses.session,
            Call::FillNonce => Address::ZERO,
            _ => self.addresses.session_queue,
        }
    }
}

fn input(call: &Call) -> Bytes {
    let encoded = match call {
        Call::Register => NodePool::registerCall {}.abi_encode(),
        Call::Create(new) => return create(new),
        Call::Deposit { session, .. } => Session::depositToSessionCall {
            sessionId: U256::from(*session),
        }
        .abi_encode(),
        Call::Submit { session, data } => Queue::submitTaskCall {
            sessionId: U256::from(*session),
            taskData: data.clone(),
        }
        .abi_encode(),
        Call::Ack(key) => {
            let (session, task) = ids(*key);
            Queue::ackCall {
                sessionId: session,
                taskId: task,
            }
            .abi_encode()
        }
        Call::Precommit { key, hash, .. } => {
            let (session, task) = ids(*key);
            Queue::precommitCall {
                sessionId: session,
                taskId: task,
                hash: *hash,
                data: String::new(),
            }
            .abi_encode()
        }
        Call::Commit { key, data } => {
            let (session, task) = ids(*key);
            Queue::commitCall {
                sessionId: session,
                taskId: task,
                data: data.clone(),
            }
            .abi_encode()
        }
        Call::EndAck(key) => {
            let (session, task) = ids(*key);
            Queue::endAckCall {
                sessionId: session,
                taskId: task,
            }
            .abi_encode()
        }
        Call::EndPrecommit(key) => {
            let (session, task) = ids(*key);
            Queue::endPrecommitCall {
                sessionId: session,
                taskId: task,
            }
            .abi_encode()
        }
        Call::EndCommit(key) => {
            let (session, task) = ids(*key);
            Queue::endCommitCall {
                sessionId: session,
                taskId: task,
            }
            .abi_encode()
        }
        Call::End { key, force } => {
            let (session, task) = ids(*key);
            Queue::endCall {
                sessionId: session,
                taskId: task,
                forceEnd: *force,
            }
            .abi_encode()
        }
        Call::Unregister => NodePool::unregisterCall {}.abi_encode(),
        Call::AllowDedication { owner } => {
            NodePool::allowDedicationCall { sessionOwner: *owner }.abi_encode()
        }
        Call::Release { node } => Session::releaseByNodeIdCall {
            nodeId: keccak256(node),
        }
        .abi_encode(),
        Call::Update {
            session,
            terms,
            metadata,
        } => Session::updateSessionCall {
            sessionId: U256::from(*session),
            name: terms.name.clone(),
            metadata: metadata.clone(),
            minNumOfNodes: U256::from(terms.min_nodes),
            maxNumOfNodes: U256::from(terms.max_nodes),
            redundant: U256::from(terms.redundancy),
        }
        .abi_encode(),
        Call::Withdraw { session, amount } => Session::withdrawFromSessionCall {
            sessionId: U256::from(*session),
            amount: *amount,
        }
        .abi_encode(),
        Call::Deactivate { session, .. } => Session::deactivateSessionCall {
            sessionId: U256::from(*session),
        }
        .abi_encode(),
        Call::Router { session, change } => router(U256::from(*session), change),
        Call::AddDedicatedNode { session, node } => Session::addDedicatedNodeCall {
            sessionId: U256::from(*session),
            nodeAddress: *node,
        }
        .abi_encode(),
        Call::RemoveDedicatedNode { session, node } => Session::removeDedicatedNodeCall {
            sessionId: U256::from(*session),
            nodeAddress: *node,
        }
        .abi_encode(),
        Call::FillNonce => Vec::new(),
    };
    encoded.into()
}

fn router(session: U256, change: &RouterChange) -> Vec<u8> {
    match change {
        RouterChange::Add { router, info } => Session::addRouterCall {
            sessionId: session,
            routerAddress: *router,
            routerInfo: info.clone(),
        }
        .abi_encode(),
        RouterChange::Update { router, info } => Session::updateRouterCall {
            sessionId: session,
            routerAddress: *router,
            routerInfo: info.clone(),
        }
        .abi_encode(),
        RouterChange::Remove { router } => Session::removeRouterCall {
            sessionId: session,
            routerAddress: *router,
        }
        .abi_encode(),
        RouterChange::Reset => Session::resetAllRoutersCall { sessionId: session }.abi_encode(),
    }
}

pub(super) fn create(new: &NewSession) -> Bytes {
    Session::createCall {
        name: new.name.clone(),
        metadata: String::new(),
        variableAddress: Address::ZERO,
        minNumOfNodes: U256::from(new.min_nodes),
        maxNumOfNodes: U256::from(new.max_nodes),
        redundant: U256::from(new.redundancy),
        numOfValidatorNodes: U256::ZERO,
        mode: U256::from(new.mode),
        reserveEphemeralNodes: new.reserve,
    }
    .abi_encode()
    .into()
}

pub(super) fn ids(key: TaskKey) -> (U256, U256) {
    (U256::from(key.session), U256::from(key.task))
}

/// Code that returns the balance of an account, in place of a contract's: `return(balance(account))`.
fn balance_code(account: Address) -> Bytes {
    const PUSH20: u8 = 0x73;
    const BALANCE_AND_RETURN: [u8; 7] = [0x31, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3];
    [&[PUSH20], account.as_slice(), &BALANCE_AND_RETURN]
        .concat()
        .into()
}

fn task_view(key: TaskKey, kind: TaskViewKind) -> Bytes {
    let (session, task) = ids(key);
    let encoded = match kind {
        TaskViewKind::Task => Queue::getTaskCall {
            sessionId: session,
            taskId: task,
        }
        .abi_encode(),
        TaskViewKind::Deadlines => Queue::getDeadlinesCall {
            sessionId: session,
            taskId: task,
        }
        .abi_encode(),
        TaskViewKind::Steps(Step::Assigned | Step::Acked) => Queue::getAllTaskResultAckedTimestampsCall {
            sessionId: session,
            taskId: task,
        }
        .abi_encode(),
        TaskViewKind::Steps(Step::Precommitted) => Queue::getAllTaskResultPrecommitTimestampsCall {
            sessionId: session,
            taskId: task,
        }
        .abi_encode(),
        TaskViewKind::Steps(Step::Committed) => Queue::getAllTaskResultCommitTimestampsCall {
            sessionId: session,
            taskId: task,
        }
        .abi_encode(),
        TaskViewKind::Hashes => Queue::getTaskResultHashesCall {
            sessionId: session,
            taskId: task,
        }
        .abi_encode(),
    };
    encoded.into()
}

fn read_task_view(kind: TaskViewKind, data: &[u8]) -> Result<TaskView, alloy::sol_types::Error> {
    let small = |word: U256| word.saturating_to();
    let steps = |step, miners: Vec<Address>, times: Vec<U256>| {
        TaskView::Steps(
            step,
            miners.into_iter().zip(times.into_iter().map(small)).collect(),
        )
    };
    Ok(match kind {
        TaskViewKind::Task => {
            let task = Queue::getTaskCall::abi_decode_returns(data)?;
            TaskView::Task {
                global_id: small(task.gid),
                data: keccak256(&task.data),
                miners: task.assignedMiners,
                status: task.status,
                ended: task.ended,
                times: [
                    task.createdAt,
                    task.lastPrecommitAt,
                    task.lastCommitAt,
                    task.finishedAt,
                ]
                .map(small),
            }
        }
        TaskViewKind::Deadlines => {
            let deadlines = Queue::getDeadlinesCall::abi_decode_returns(data)?;
            TaskView::Deadlines {
                phase: small(deadlines.phase),
                last: small(deadlines.last),
            }
        }
        TaskViewKind::Steps(step @ (Step::Assigned | Step::Acked)) => {
            let read = Queue::getAllTaskResultAckedTimestampsCall::abi_decode_returns(data)?;
            steps(step, read.miners, read.timestamps)
        }
        TaskViewKind::Steps(Step::Precommitted) => {
            let read = Queue::getAllTaskResultPrecommitTimestampsCall::abi_decode_returns(data)?;
            steps(Step::Precommitted, read.miners, read.timestamps)
        }
        TaskViewKind::Steps(Step::Committed) => {
            let read = Queue::getAllTaskResultCommitTimestampsCall::abi_decode_returns(data)?;
            steps(Step::Committed, read.miners, read.timestamps)
        }
        TaskViewKind::Hashes => {
            let read = Queue::getTaskResultHashesCall::abi_decode_returns(data)?;
            TaskView::Hashes(read.miners.into_iter().zip(read.hashes).collect())
        }
    })
}

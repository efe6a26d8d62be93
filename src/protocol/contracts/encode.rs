//! Calls to calldata, and replies from return data.

use alloy::{
    primitives::{Address, Bytes, U256, keccak256},
    sol_types::SolCall,
};

use super::{
    Contracts, Invocation,
    bindings::{NodePool, SessionQueueV2 as Queue, SessionV2 as Session},
    gas::gas_limit,
};
use crate::protocol::{Call, NewSession, Query, Reply, RouterChange, TaskKey};

/// `SessionState.Active`
const ACTIVE: u8 = 0;

impl Contracts {
    /// The transaction that makes `call`.
    #[must_use]
    pub fn encode(&self, call: &Call) -> Invocation {
        let mut value = U256::ZERO;
        if let Call::Deposit { amount, .. } = call {
            value = *amount;
        }
        Invocation {
            to: Some(self.target(call)),
            value,
            input: input(call),
            gas_limit: gas_limit(call, self.redundancy, self.nodes),
        }
    }

    /// The contract and calldata of a read.
    #[must_use]
    pub fn encode_query(&self, query: Query) -> (Address, Bytes) {
        let queue = self.addresses.session_queue;
        match query {
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
                let returned =
                    Queue::getTaskResultsCall::abi_decode_returns(data).map_err(|error| error.to_string())?;
                Ok(Reply::TaskResults {
                    key,
                    results: returned.miners.into_iter().zip(returned.results).collect(),
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
            Query::SessionBalance(_) => {
                let balance = Session::getSessionBalanceCall::abi_decode_returns(data)
                    .map_err(|error| error.to_string())?;
                Ok(Reply::Held(balance.available + balance.reserved))
            }
            Query::Earnings(_) => {
                let earned = Session::getEarningsCall::abi_decode_returns(data);
                earned.map(Reply::Held).map_err(|error| error.to_string())
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
        Call::Precommit { key, hash } => {
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

fn create(new: &NewSession) -> Bytes {
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

fn ids(key: TaskKey) -> (U256, U256) {
    (U256::from(key.session), U256::from(key.task))
}

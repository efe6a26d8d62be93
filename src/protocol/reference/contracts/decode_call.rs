//! Calldata back to calls.

use alloy::{
    primitives::{Address, B256, U256, keccak256},
    sol_types::SolInterface,
};

use super::{
    Contracts, Invocation,
    beside::VARIABLE_ADDRESS,
    bindings::{
        NodePool::NodePoolCalls as Pool, SessionQueueV2::SessionQueueV2Calls as Queue,
        SessionV2::SessionV2Calls as Session,
    },
    decode::{id, key},
};
use crate::protocol::{Call, NewSession, RouterChange};

impl Contracts {
    /// The call that a transaction of `from` makes; `None` if it is none that [`Contracts::encode`] makes: another function,
    /// other arguments than a call has, numbers beyond 64 bits, text that is not UTF-8, or calldata behind the arguments.
    /// A submission by `SessionV2.submit` counts as one by `SessionQueueV2.submitTask`, and a session has any variable address.
    #[must_use]
    pub fn decode_call(&self, from: Address, invocation: &Invocation) -> Option<Call> {
        if let Some(submit) = self.submission_by_session(invocation) {
            return Some(self.call_of_run(submit));
        }
        let on_chain = self.read_call(from, invocation)?;
        let encoded = match &on_chain {
            Call::Submit { session, data } if invocation.to == Some(self.addresses.session) => {
                self.submit_to_session(*session, data)
            }
            call => self.encode_as_is(call),
        };
        let same = encoded.to == invocation.to
            && encoded.value == invocation.value
            && match on_chain {
                Call::Create(_) => is_same_creation(&encoded.input, &invocation.input),
                _ => encoded.input == invocation.input,
            };
        same.then(|| self.call_of_run(on_chain))
    }

    fn read_call(&self, from: Address, invocation: &Invocation) -> Option<Call> {
        let (to, input) = (invocation.to?, &invocation.input);
        if to == self.addresses.session_queue {
            queue_call(Queue::abi_decode(input).ok()?)
        } else if to == self.addresses.session {
            self.session_call(from, invocation.value, Session::abi_decode(input).ok()?)
        } else if to == self.addresses.node_pool {
            pool_call(&Pool::abi_decode(input).ok()?)
        } else {
            (to.is_zero() && input.is_empty()).then_some(Call::FillNonce)
        }
    }

    /// The submission of a task by `SessionV2.submit`, which comes to the same as one by the queue.
    fn submission_by_session(&self, invocation: &Invocation) -> Option<Call> {
        let is_plain = invocation.to == Some(self.addresses.session) && invocation.value.is_zero();
        match is_plain.then(|| Session::abi_decode(&invocation.input)) {
            Some(Ok(Session::submit(call))) => Some(Call::Submit {
                session: id(call.sessionId),
                data: call.taskData,
            }),
            _ => None,
        }
    }

    fn session_call(&self, from: Address, value: U256, call: Session) -> Option<Call> {
        Some(match call {
            Session::create(call) => Call::Create(NewSession {
                name: call.name,
                min_nodes: id(call.minNumOfNodes),
                max_nodes: id(call.maxNumOfNodes),
                redundancy: id(call.redundant),
                mode: call.mode.saturating_to(),
                reserve: call.reserveEphemeralNodes,
            }),
            Session::depositToSession(call) => Call::Deposit {
                session: id(call.sessionId),
                amount: value,
            },
            Session::releaseByNodeId(call) => Call::Release {
                node: self.miner_of(call.nodeId, from)?,
            },
            Session::updateSession(call) => Call::Update {
                session: id(call.sessionId),
                terms: NewSession {
                    name: call.name,
                    min_nodes: id(call.minNumOfNodes),
                    max_nodes: id(call.maxNumOfNodes),
                    redundancy: id(call.redundant),
                    // They stay as they were, whatever a call says.
                    mode: 0,
                    reserve: false,
                },
                metadata: call.metadata,
            },
            Session::withdrawFromSession(call) => Call::Withdraw {
                session: id(call.sessionId),
                amount: call.amount,
            },
            Session::deactivateSession(call) => Call::Deactivate {
                session: id(call.sessionId),
            },
            Session::addRouter(call) => Call::Router {
                session: id(call.sessionId),
                change: RouterChange::Add {
                    router: call.routerAddress,
                    info: call.routerInfo,
                },
            },
            Session::updateRouter(call) => Call::Router {
                session: id(call.sessionId),
                change: RouterChange::Update {
                    router: call.routerAddress,
                    info: call.routerInfo,
                },
            },
            Session::removeRouter(call) => Call::Router {
                session: id(call.sessionId),
                change: RouterChange::Remove {
                    router: call.routerAddress,
                },
            },
            Session::resetAllRouters(call) => Call::Router {
                session: id(call.sessionId),
                change: RouterChange::Reset,
            },
            Session::addDedicatedNode(call) => Call::AddDedicatedNode {
                session: id(call.sessionId),
                node: call.nodeAddress,
            },
            Session::removeDedicatedNode(call) => Call::RemoveDedicatedNode {
                session: id(call.sessionId),
                node: call.nodeAddress,
            },
            Session::submit(call) => Call::Submit {
                session: id(call.sessionId),
                data: call.taskData,
            },
            _ => return None,
        })
    }

    /// The miner with this node id, if it is one of the run's or `from`.
    fn miner_of(&self, node: B256, from: Address) -> Option<Address> {
        let own = (keccak256(from) == node).then_some(from);
        own.or_else(|| self.miners.get(&node).copied())
    }
}

fn queue_call(call: Queue) -> Option<Call> {
    Some(match call {
        Queue::submitTask(call) => Call::Submit {
            session: id(call.sessionId),
            data: call.taskData,
        },
        Queue::ack(call) => Call::Ack(key(call.sessionId, call.taskId)),
        Queue::precommit(call) => Call::Precommit {
            key: key(call.sessionId, call.taskId),
            hash: call.hash,
            binds: None,
        },
        Queue::commit(call) => Call::Commit {
            key: key(call.sessionId, call.taskId),
            data: call.data,
        },
        Queue::endAck(call) => Call::EndAck(key(call.sessionId, call.taskId)),
        Queue::endPrecommit(call) => Call::EndPrecommit(key(call.sessionId, call.taskId)),
        Queue::endCommit(call) => Call::EndCommit(key(call.sessionId, call.taskId)),
        Queue::end(call) => Call::End {
            key: key(call.sessionId, call.taskId),
            force: call.forceEnd,
        },
        _ => return None,
    })
}

const fn pool_call(call: &Pool) -> Option<Call> {
    Some(match call {
        Pool::register(_) => Call::Register,
        Pool::unregister(_) => Call::Unregister,
        Pool::allowDedication(call) => Call::AllowDedication {
            owner: call.sessionOwner,
        },
        _ => return None,
    })
}

/// Whether two calls of `create` differ at most in their variable address.
fn is_same_creation(one: &[u8], other: &[u8]) -> bool {
    let around = |input: &[u8]| {
        let (before, rest) = input.split_at_checked(VARIABLE_ADDRESS.start)?;
        let after = rest.get(VARIABLE_ADDRESS.len()..)?;
        Some([before, after].concat())
    };
    around(one) == around(other)
}

#[cfg(test)]
mod tests {
    use alloy::primitives::Bytes;

    use super::*;
    use crate::protocol::{Addresses, TaskKey};

    const MINER: Address = Address::with_last_byte(7);
    const OTHER: Address = Address::with_last_byte(8);

    fn contracts() -> Contracts {
        let addresses = Addresses {
            node_pool: Address::with_last_byte(1),
            session: Address::with_last_byte(2),
            session_queue: Address::with_last_byte(3),
        };
        Contracts::new(addresses, 3).knowing([OTHER])
    }

    /// A call of each kind.
    fn calls() -> Vec<Call> {
        let key = TaskKey { session: 3, task: 9 };
        let terms = |mode, reserve| NewSession {
            name: "a".to_owned(),
            min_nodes: 1,
            max_nodes: 4,
            redundancy: 2,
            mode,
            reserve,
        };
        let (router, info) = (OTHER, "ünïcode".to_owned());
        let changes = [
            RouterChange::Add {
                router,
                info: info.clone(),
            },
            RouterChange::Update {
                router,
                info: info.clone(),
            },
            RouterChange::Remove { router },
            RouterChange::Reset,
        ];
        let mut calls = vec![
            Call::Register,
            Call::Unregister,
            Call::AllowDedication { owner: OTHER },
            Call::Create(terms(1, true)),
            Call::Update {
                session: 3,
                terms: terms(0, false),
                metadata: info.clone(),
            },
            Call::Deposit {
                session: 3,
                amount: U256::from(5),
            },
            Call::Withdraw {
                session: 3,
                amount: U256::MAX,
            },
            Call::Deactivate { session: 3 },
            Call::AddDedicatedNode {
                session: 3,
                node: OTHER,
            },
            Call::RemoveDedicatedNode {
                session: 3,
                node: OTHER,
            },
            Call::Release { node: MINER },
            Call::Release { node: OTHER },
            Call::Submit {
                session: u64::MAX,
                data: info.clone(),
            },
            Call::Ack(key),
            Call::Precommit {
                key,
                hash: B256::repeat_byte(4),
                binds: None,
            },
            Call::Commit { key, data: info },
            Call::EndAck(key),
            Call::EndPrecommit(key),
            Call::EndCommit(key),
            Call::End { key, force: false },
            Call::End { key, force: true },
            Call::FillNonce,
        ];
        calls.extend(changes.map(|change| Call::Router { session: 3, change }));
        calls
    }

    #[test]
    fn every_call_comes_back_from_its_calldata() {
        let contracts = contracts();
        for call in calls() {
            let invocation = contracts.encode(&call);
            assert_eq!(contracts.decode_call(MINER, &invocation), Some(call));
        }
        let other_way = contracts.submit_to_session(4, "a task");
        let submission = Call::Submit {
            session: 4,
            data: "a task".to_owned(),
        };
        assert_eq!(contracts.decode_call(MINER, &other_way), Some(submission));
    }

    #[test]
    fn what_no_call_encodes_is_none() {
        let contracts = contracts();
        let ack = contracts.encode(&Call::Ack(TaskKey { session: 3, task: 9 }));
        let mut longer = ack.input.to_vec();
        longer.push(0);
        let mut huge = ack.input.to_vec();
        huge[4] = 1;
        let changed = [
            Invocation {
                input: longer.into(),
                ..ack.clone()
            },
            Invocation {
                input: huge.into(),
                ..ack.clone()
            },
            Invocation {
                value: U256::from(1),
                ..ack.clone()
            },
            Invocation {
                to: Some(MINER),
                ..ack.clone()
            },
            Invocation {
                input: Bytes::new(),
                ..ack
            },
        ];
        for invocation in changed {
            assert_eq!(contracts.decode_call(MINER, &invocation), None, "{invocation:?}");
        }
    }
}

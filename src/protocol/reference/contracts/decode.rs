//! Logs to events, and revert data to the custom error that it names.

use alloy::{
    primitives::{Bytes, U256, keccak256},
    sol_types::{SolEvent, SolEventInterface, SolInterface},
};

use super::{
    Contracts,
    bindings::{
        NodePool::{NodePoolErrors, NodePoolEvents as Pool},
        SessionQueueV2::{
            SessionQueueV2Errors, SessionQueueV2Events as Queue, TaskAcked, TaskAssigned, TaskCommitEnded,
            TaskEnded, TaskPrecommitEnded, TaskPrecommitted,
        },
        SessionV2::{SessionV2Errors, SessionV2Events as Session},
    },
};
use crate::{
    block::{Log, LogPriority},
    protocol::{Event, RouterChange, TaskKey, WindowSeconds},
};

impl Contracts {
    /// The events that actors answer with a transaction, so that to hear of them late is to be late with it; the end of
    /// a task is such a one where somebody then submits the next.
    #[must_use]
    pub fn log_priority(&self) -> LogPriority {
        let mut next = vec![
            TaskAssigned::SIGNATURE_HASH,
            TaskAcked::SIGNATURE_HASH,
            TaskPrecommitted::SIGNATURE_HASH,
            TaskPrecommitEnded::SIGNATURE_HASH,
        ];
        if self.awaits_ends {
            next.push(TaskEnded::SIGNATURE_HASH);
        }
        LogPriority {
            contract: self.addresses.session_queue,
            immediate: vec![TaskCommitEnded::SIGNATURE_HASH],
            next,
            returns: false,
        }
    }

    /// The lifecycle event that a log holds, with the session's id as the log has it; `None` for any other log.
    #[must_use]
    pub fn decode(&self, log: &Log) -> Option<Event> {
        let event = self.decode_any(log)?;
        let is_earlier = event
            .session()
            .is_some_and(|session| session < self.first_session);
        (!is_earlier).then_some(event)
    }

    /// The same, whatever session it is of.
    fn decode_any(&self, log: &Log) -> Option<Event> {
        if log.address == self.addresses.session_queue {
            task_event(Queue::decode_raw_log(&log.topics, &log.data).ok()?)
        } else if log.address == self.addresses.session {
            session_event(Session::decode_raw_log(&log.topics, &log.data).ok()?)
        } else if log.address == self.addresses.node_pool {
            pool_event(&Pool::decode_raw_log(&log.topics, &log.data).ok()?)
        } else {
            None
        }
    }

    /// The custom error in a failed transaction's return data, with its arguments:
    /// `WrongPhase { sessionId: 0, taskId: 4, status: 3 }`.
    #[must_use]
    pub fn decode_error(&self, output: Option<&Bytes>) -> String {
        let Some(output) = output else {
            return "no revert data".to_owned();
        };
        let named = SessionQueueV2Errors::abi_decode(output)
            .map(|error| format!("{error:?}"))
            .or_else(|_| SessionV2Errors::abi_decode(output).map(|error| format!("{error:?}")))
            .or_else(|_| NodePoolErrors::abi_decode(output).map(|error| format!("{error:?}")));
        match named {
            // The enum's own name for the variant stands around it: `WrongPhase(WrongPhase { … })`.
            Ok(text) => match text.split_once('(') {
                Some((_, inner)) => inner.strip_suffix(')').unwrap_or(inner).to_owned(),
                None => text,
            },
            Err(_) if output.is_empty() => "no error data (out of gas, or no such function)".to_owned(),
            Err(_) => format!("unknown error {output}"),
        }
    }
}

fn session_event(event: Session) -> Option<Event> {
    Some(match event {
        Session::SessionCreated(e) => Event::SessionCreated {
            session: id(e.sessionId),
            owner: e.owner,
            miners: e.miners,
        },
        Session::SessionUpdated(e) => Event::SessionUpdated {
            session: id(e.sessionId),
            updater: e.updater,
            min_nodes: id(e.minNumOfNodes),
            max_nodes: id(e.maxNumOfNodes),
            redundancy: id(e.redundant),
        },
        Session::SessionDeactivated(e) => Event::SessionDeactivated {
            session: id(e.sessionId),
        },
        Session::NodeReleased(e) => Event::NodeReleased {
            session: id(e.sessionId),
            node: e.nodeId,
        },
        Session::DedicatedNodeAdded(e) => Event::DedicatedNodeAdded { node: e.nodeAddress },
        Session::DedicatedNodeRemoved(e) => Event::DedicatedNodeRemoved { node: e.nodeAddress },
        Session::RouterAdded(e) => routers(RouterChange::Add {
            router: e.routerAddress,
            info: e.routerInfo,
        }),
        Session::RouterUpdated(e) => routers(RouterChange::Update {
            router: e.routerAddress,
            info: e.routerInfo,
        }),
        Session::RouterRemoved(e) => routers(RouterChange::Remove {
            router: e.routerAddress,
        }),
        Session::AllRoutersRemoved(e) => Event::RoutersChanged {
            session: Some(id(e.sessionId)),
            change: RouterChange::Reset,
        },
        Session::EarningsWithdrawn(e) => Event::EarningsWithdrawn {
            miner: e.miner,
            amount: e.amount,
        },
        Session::DepositToSession(e) => Event::Deposited {
            session: id(e.sessionId),
            from: e.from,
            amount: e.amount,
        },
        Session::WithdrawFromSession(e) => Event::Withdrawn {
            session: id(e.sessionId),
            to: e.to,
            amount: e.amount,
        },
        Session::TaskSubmitted(e) => Event::SubmittedViaSession {
            session: id(e.sessionId),
            data: keccak256(&e.taskData),
        },
        Session::TaskAssigned(e) => Event::AssignedViaSession {
            key: key(e.sessionId, e.taskId),
            nodes: e.nodeIds,
        },
        Session::OwnershipTransferred(_) => return None,
    })
}

const fn routers(change: RouterChange) -> Event {
    Event::RoutersChanged {
        session: None,
        change,
    }
}

const fn pool_event(event: &Pool) -> Option<Event> {
    match event {
        Pool::MinerRegistered(e) => Some(Event::MinerRegistered {
            miner: e.miner,
            node: e.nodeId,
        }),
        Pool::MinerUnregistered(e) => Some(Event::MinerUnregistered {
            miner: e.miner,
            node: e.nodeId,
        }),
        Pool::DedicationAllowed(e) => Some(Event::DedicationAllowed {
            node: e.node,
            owner: e.sessionOwner,
        }),
        Pool::OwnershipTransferred(_) => None,
    }
}

fn task_event(event: Queue) -> Option<Event> {
    Some(match event {
        Queue::TaskQueued(e) => Event::TaskQueued {
            key: key(e.sessionId, e.taskId),
            global_id: id(e.globalId),
            data: keccak256(&e.taskData),
        },
        Queue::TaskAssigned(e) => Event::TaskAssigned {
            key: key(e.sessionId, e.taskId),
            miners: e.miners,
        },
        Queue::TaskAcked(e) => Event::TaskAcked {
            key: key(e.sessionId, e.taskId),
            miner: e.miner,
        },
        Queue::TaskPrecommitted(e) => Event::TaskPrecommitted {
            key: key(e.sessionId, e.taskId),
            miner: e.miner,
        },
        Queue::TaskAllPrecommitted(e) => Event::TaskAllPrecommitted {
            key: key(e.sessionId, e.taskId),
            miners: e.miners,
        },
        Queue::TaskPrecommitEnded(e) => Event::TaskPrecommitEnded {
            key: key(e.sessionId, e.taskId),
        },
        Queue::TaskCommitted(e) => Event::TaskCommitted {
            key: key(e.sessionId, e.taskId),
            miner: e.miner,
        },
        Queue::TaskAllCommitted(e) => Event::TaskAllCommitted {
            key: key(e.sessionId, e.taskId),
            miners: e.miners,
        },
        Queue::TaskCommitEnded(e) => Event::TaskCommitEnded {
            key: key(e.sessionId, e.taskId),
        },
        Queue::TaskEnded(e) => Event::TaskEnded {
            key: key(e.sessionId, e.taskId),
            miners: e.miners,
        },
        Queue::OracleChanged(e) => Event::OracleChanged {
            account: e.account,
            is_oracle: e.isOracle,
        },
        Queue::PriceChanged(e) => Event::PriceChanged(e.price),
        Queue::WindowsChanged(e) => Event::WindowsChanged(WindowSeconds {
            ack: id(e.ackWindow),
            precommit: id(e.precommitWindow),
            commit: id(e.commitWindow),
        }),
        Queue::OwnershipTransferred(_) => return None,
    })
}

/// A task by its ids on the chain.
pub(super) fn key(session: U256, task: U256) -> TaskKey {
    TaskKey {
        session: id(session),
        task: id(task),
    }
}

/// Ids count what a chain has seen: none reaches 2^64. One of calldata that does is read as another, whose call is encoded
/// otherwise.
pub(super) fn id(word: U256) -> u64 {
    word.saturating_to()
}

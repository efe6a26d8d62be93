//! A case per event: what emits it, and with which values. The tables together must name exactly the events of the
//! ABIs, so an event that nothing emits fails the test.

use std::collections::BTreeSet;

use alloy::{
    primitives::{Address, LogData, U256},
    sol_types::SolEvent,
};
use taskstorm::chain::embedded::Outcome;

use super::{
    artifacts,
    bindings::{NodePool as Pool, SessionQueueV2 as Queue, SessionV2 as Session},
    world::{Contract, Id, Shape, World, account, miner, node_id},
};

/// The event that a case expects, as the log that carries it.
struct Expected {
    contract: Contract,
    signature: &'static str,
    log: LogData,
    outcome: Outcome,
}

type Case = fn(&mut World) -> Expected;

fn expected<E: SolEvent>(contract: Contract, outcome: Outcome, event: E) -> Expected {
    Expected {
        contract,
        signature: E::SIGNATURE,
        log: event.encode_log_data(),
        outcome,
    }
}

const ID: Id = (U256::ZERO, U256::ZERO);

fn pool<E: SolEvent>(outcome: Outcome, event: E) -> Expected {
    expected(Contract::NodePool, outcome, event)
}

fn session<E: SolEvent>(outcome: Outcome, event: E) -> Expected {
    expected(Contract::SessionV2, outcome, event)
}

fn queue<E: SolEvent>(outcome: Outcome, event: E) -> Expected {
    expected(Contract::SessionQueueV2, outcome, event)
}

/// A session of two miners and its first task.
fn working(world: &mut World) -> Vec<Address> {
    let (session, miners) = world.session_of(2);
    assert_eq!((session, world.submit(session, "work")), ID);
    miners
}

fn dedicated(world: &mut World) -> Address {
    world.create(Shape {
        mode: 2,
        ..Shape::ephemeral(1)
    });
    account("node")
}

fn add_router(world: &mut World) -> Outcome {
    let (router, info) = (account("router"), "http://router".into());
    let call = Session::addRouterCall {
        sessionId: ID.0,
        routerAddress: router,
        routerInfo: info,
    };
    world.session(world.owner, call).ok()
}

/// The outcomes of the last ack, precommit and commit, and of the end.
fn completed(world: &mut World) -> (Vec<Address>, [Outcome; 4]) {
    let miners = working(world);
    world.ack(ID, miners[0]).ok();
    let ack = world.ack(ID, miners[1]).ok();
    world.precommit(ID, miners[0], "r").ok();
    let precommit = world.precommit(ID, miners[1], "r").ok();
    world.commit(ID, miners[0], "r").ok();
    let commit = world.commit(ID, miners[1], "r").ok();
    let end = world.end(ID).ok();
    (miners, [ack, precommit, commit, end])
}

const POOL: &[Case] = &[
    |world| {
        let (from, to) = (world.deployer, account("new owner"));
        let outcome = world
            .pool(from, Pool::transferOwnershipCall { newOwner: to })
            .ok();
        pool(
            outcome,
            Pool::OwnershipTransferred {
                previousOwner: from,
                newOwner: to,
            },
        )
    },
    |world| {
        let outcome = world.pool(miner(0), Pool::registerCall {}).ok();
        pool(
            outcome,
            Pool::MinerRegistered {
                miner: miner(0),
                nodeId: node_id(miner(0)),
            },
        )
    },
    |world| {
        world.register(1);
        let outcome = world.pool(miner(0), Pool::unregisterCall {}).ok();
        pool(
            outcome,
            Pool::MinerUnregistered {
                miner: miner(0),
                nodeId: node_id(miner(0)),
            },
        )
    },
];

const SESSION: &[Case] = &[
    |world| {
        let (from, to) = (world.deployer, account("new owner"));
        let outcome = world
            .session(from, Session::transferOwnershipCall { newOwner: to })
            .ok();
        session(
            outcome,
            Session::OwnershipTransferred {
                previousOwner: from,
                newOwner: to,
            },
        )
    },
    |world| {
        world.register(1);
        let outcome = world.session(world.owner, Shape::ephemeral(1).call()).ok();
        let found = world.view_session(Session::getSessionCall { sessionId: ID.0 });
        let (owner, miners) = (world.owner, vec![miner(0)]);
        session(
            outcome,
            Session::SessionCreated {
                sessionId: ID.0,
                sid: found.sid,
                owner,
                miners,
            },
        )
    },
    |world| {
        world.session_of(2);
        let [min, max, redundant] = [1, 4, 2].map(U256::from);
        let call = Session::updateSessionCall {
            sessionId: ID.0,
            name: "new".into(),
            metadata: "".into(),
            minNumOfNodes: min,
            maxNumOfNodes: max,
            redundant,
        };
        let outcome = world.session(world.owner, call).ok();
        let event = Session::SessionUpdated {
            sessionId: ID.0,
            updater: world.owner,
            minNumOfNodes: min,
            maxNumOfNodes: max,
            redundant,
        };
        session(outcome, event)
    },
    |world| {
        world.session_of(2);
        let outcome = world
            .session(world.owner, Session::deactivateSessionCall { sessionId: ID.0 })
            .ok();
        session(
            outcome,
            Session::SessionDeactivated {
                sessionId: ID.0,
                deactivator: world.owner,
            },
        )
    },
    |world| {
        world.session_of(2);
        let call = Session::submitCall {
            sessionId: ID.0,
            taskData: "work".into(),
        };
        let outcome = world.session(world.owner, call).ok();
        session(
            outcome,
            Session::TaskSubmitted {
                sessionId: ID.0,
                taskData: "work".into(),
            },
        )
    },
    |world| {
        let (_, miners) = world.session_of(2);
        let call = Session::submitCall {
            sessionId: ID.0,
            taskData: "work".into(),
        };
        let outcome = world.session(world.owner, call).ok();
        let node_ids = miners.into_iter().map(node_id).collect();
        session(
            outcome,
            Session::TaskAssigned {
                sessionId: ID.0,
                taskId: ID.1,
                nodeIds: node_ids,
            },
        )
    },
    |world| {
        world.register(1);
        world.create(Shape {
            reserve: true,
            ..Shape::ephemeral(1)
        });
        let node = node_id(miner(0));
        let outcome = world
            .session(world.owner, Session::releaseByNodeIdCall { nodeId: node })
            .ok();
        session(
            outcome,
            Session::NodeReleased {
                nodeId: node,
                sessionId: ID.0,
            },
        )
    },
    |world| {
        world.session_of(1);
        let outcome = add_router(world);
        let (router, info) = (account("router"), "http://router".into());
        session(
            outcome,
            Session::RouterAdded {
                routerAddress: router,
                routerInfo: info,
            },
        )
    },
    |world| {
        world.session_of(1);
        add_router(world);
        let (router, info) = (account("router"), String::from("http://elsewhere"));
        let call = Session::updateRouterCall {
            sessionId: ID.0,
            routerAddress: router,
            routerInfo: info.clone(),
        };
        let outcome = world.session(world.owner, call).ok();
        let found = world.view_session(Session::getSessionCall { sessionId: ID.0 });
        assert_eq!(
            (found.routerAddresses, found.routerMetadatas),
            (vec![router], vec![info.clone()])
        );
        session(
            outcome,
            Session::RouterUpdated {
                routerAddress: router,
                routerInfo: info,
            },
        )
    },
    |world| {
        world.session_of(1);
        add_router(world);
        let router = account("router");
        let call = Session::removeRouterCall {
            sessionId: ID.0,
            routerAddress: router,
        };
        let outcome = world.session(world.owner, call).ok();
        session(
            outcome,
            Session::RouterRemoved {
                routerAddress: router,
            },
        )
    },
    |world| {
        world.session_of(1);
        add_router(world);
        let outcome = world
            .session(world.owner, Session::resetAllRoutersCall { sessionId: ID.0 })
            .ok();
        let found = world.view_session(Session::getSessionCall { sessionId: ID.0 });
        assert!(found.routerAddresses.is_empty() && found.routerMetadatas.is_empty());
        session(outcome, Session::AllRoutersRemoved { sessionId: ID.0 })
    },
    |world| {
        let node = dedicated(world);
        let call = Session::addDedicatedNodeCall {
            sessionId: ID.0,
            nodeAddress: node,
        };
        let outcome = world.session(world.owner, call).ok();
        session(outcome, Session::DedicatedNodeAdded { nodeAddress: node })
    },
    |world| {
        let node = dedicated(world);
        let call = Session::addDedicatedNodeCall {
            sessionId: ID.0,
            nodeAddress: node,
        };
        world.session(world.owner, call).ok();
        let call = Session::removeDedicatedNodeCall {
            sessionId: ID.0,
            nodeAddress: node,
        };
        let outcome = world.session(world.owner, call).ok();
        session(outcome, Session::DedicatedNodeRemoved { nodeAddress: node })
    },
    |world| {
        world.session_of(1);
        let outcome = world.deposit(world.owner, ID.0, 9).ok();
        let from = world.owner;
        session(
            outcome,
            Session::DepositToSession {
                sessionId: ID.0,
                from,
                amount: U256::from(9),
            },
        )
    },
    |world| {
        world.session_of(1);
        world.deposit(world.owner, ID.0, 9).ok();
        let (to, amount) = (world.owner, U256::from(4));
        let outcome = world
            .session(
                to,
                Session::withdrawFromSessionCall {
                    sessionId: ID.0,
                    amount,
                },
            )
            .ok();
        session(
            outcome,
            Session::WithdrawFromSession {
                sessionId: ID.0,
                to,
                amount,
            },
        )
    },
    |world| {
        let amount = U256::from(7);
        world
            .queue(world.deployer, Queue::setPriceCall { price: amount })
            .ok();
        let (id, miners) = world.session_of(1);
        world.deposit(world.owner, id, 7).ok();
        world.submit(id, "work");
        world.complete(ID, &miners, "result");
        let outcome = world.session(miners[0], Session::withdrawEarningsCall {}).ok();
        session(
            outcome,
            Session::EarningsWithdrawn {
                miner: miners[0],
                amount,
            },
        )
    },
];

const QUEUE: &[Case] = &[
    |world| {
        let (from, to) = (world.deployer, account("new owner"));
        let outcome = world
            .queue(from, Queue::transferOwnershipCall { newOwner: to })
            .ok();
        queue(
            outcome,
            Queue::OwnershipTransferred {
                previousOwner: from,
                newOwner: to,
            },
        )
    },
    |world| {
        let call = Queue::setOracleCall {
            account: world.oracle,
            isOracle: false,
        };
        let outcome = world.queue(world.deployer, call).ok();
        assert!(!world.view_queue(Queue::isOracleNodeCall {
            account: world.oracle
        }));
        queue(
            outcome,
            Queue::OracleChanged {
                account: world.oracle,
                isOracle: false,
            },
        )
    },
    |world| {
        let [ack, precommit, commit] = [1, 2, 65_534].map(U256::from);
        let call = Queue::setWindowsCall {
            ackWindow: ack,
            precommitWindow: precommit,
            commitWindow: commit,
        };
        let outcome = world.queue(world.deployer, call).ok();
        let found = world.view_queue(Queue::getWindowsCall {});
        assert_eq!(
            [found.ackWindow, found.precommitWindow, found.commitWindow],
            [ack, precommit, commit]
        );
        let event = Queue::WindowsChanged {
            ackWindow: ack,
            precommitWindow: precommit,
            commitWindow: commit,
        };
        queue(outcome, event)
    },
    |world| {
        let price = U256::from(5);
        let outcome = world.queue(world.deployer, Queue::setPriceCall { price }).ok();
        assert_eq!(world.view_queue(Queue::getPriceCall {}), price);
        queue(outcome, Queue::PriceChanged { price })
    },
    |world| {
        let (id, _) = world.session_of(1);
        let call = Queue::submitTaskCall {
            sessionId: id,
            taskData: "work".into(),
        };
        let outcome = world.queue(world.owner, call).ok();
        let event = Queue::TaskQueued {
            sessionId: ID.0,
            taskId: ID.1,
            globalId: U256::ZERO,
            taskData: "work".into(),
        };
        queue(outcome, event)
    },
    |world| {
        let (id, miners) = world.session_of(2);
        let call = Queue::submitTaskCall {
            sessionId: id,
            taskData: "work".into(),
        };
        let outcome = world.queue(world.owner, call).ok();
        queue(
            outcome,
            Queue::TaskAssigned {
                sessionId: ID.0,
                taskId: ID.1,
                miners,
            },
        )
    },
    |world| {
        let (miners, [outcome, ..]) = completed(world);
        queue(
            outcome,
            Queue::TaskAcked {
                sessionId: ID.0,
                taskId: ID.1,
                miner: miners[1],
            },
        )
    },
    |world| {
        let (miners, [_, outcome, ..]) = completed(world);
        queue(
            outcome,
            Queue::TaskPrecommitted {
                sessionId: ID.0,
                taskId: ID.1,
                miner: miners[1],
            },
        )
    },
    |world| {
        let (miners, [_, outcome, ..]) = completed(world);
        queue(
            outcome,
            Queue::TaskAllPrecommitted {
                sessionId: ID.0,
                taskId: ID.1,
                miners,
            },
        )
    },
    |world| {
        let (_, [_, outcome, ..]) = completed(world);
        queue(
            outcome,
            Queue::TaskPrecommitEnded {
                sessionId: ID.0,
                taskId: ID.1,
            },
        )
    },
    |world| {
        let (miners, [_, _, outcome, _]) = completed(world);
        queue(
            outcome,
            Queue::TaskCommitted {
                sessionId: ID.0,
                taskId: ID.1,
                miner: miners[1],
            },
        )
    },
    |world| {
        let (miners, [_, _, outcome, _]) = completed(world);
        queue(
            outcome,
            Queue::TaskAllCommitted {
                sessionId: ID.0,
                taskId: ID.1,
                miners,
            },
        )
    },
    |world| {
        let (_, [_, _, outcome, _]) = completed(world);
        queue(
            outcome,
            Queue::TaskCommitEnded {
                sessionId: ID.0,
                taskId: ID.1,
            },
        )
    },
    |world| {
        let (miners, [.., outcome]) = completed(world);
        queue(
            outcome,
            Queue::TaskEnded {
                sessionId: ID.0,
                taskId: ID.1,
                miners,
            },
        )
    },
];

#[test]
fn every_event_has_a_case_that_emits_it() {
    let mut emitted = BTreeSet::new();
    for case in [POOL, SESSION, QUEUE].concat() {
        let mut world = World::new();
        let Expected {
            contract,
            signature,
            log,
            outcome,
        } = case(&mut world);
        let address = world.address(contract);
        let found = outcome
            .logs
            .iter()
            .filter(|found| found.address == address && found.data == log);
        assert_eq!(
            found.count(),
            1,
            "{contract:?}: {signature} in {:?}",
            outcome.logs
        );
        emitted.insert((contract, signature.to_owned()));
    }
    let mut declared = BTreeSet::new();
    for contract in [Contract::NodePool, Contract::SessionV2, Contract::SessionQueueV2] {
        let abi = artifacts::read(&format!("{contract:?}")).abi;
        declared.extend(abi.events().map(|event| (contract, event.signature())));
    }
    assert_eq!(emitted, declared);
}

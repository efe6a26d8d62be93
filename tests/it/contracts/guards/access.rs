//! Access control: every function that changes state is either open to everyone or refused to strangers here.

use std::collections::BTreeSet;

use alloy::{
    json_abi::StateMutability,
    primitives::{Address, U256},
    sol_types::SolError,
};

use super::{Attempt, number, pool, queue, session};
use crate::contracts::{
    artifacts,
    bindings::{NodePool as Pool, SessionQueueV2 as Queue, SessionV2 as Session},
    world::{Contract, Shape, World, account, node_id},
};

const ID: U256 = U256::ZERO;

/// Functions that anyone may call; what they do concerns the caller, or depends on the task's phase only.
const OPEN: &[(Contract, &str)] = &[
    (Contract::NodePool, "register"),
    (Contract::NodePool, "unregister"),
    (Contract::NodePool, "allowDedication"),
    (Contract::SessionV2, "create"),
    (Contract::SessionV2, "depositToSession"),
    (Contract::SessionV2, "withdrawEarnings"),
    (Contract::SessionQueueV2, "ack"),
    (Contract::SessionQueueV2, "precommit"),
    (Contract::SessionQueueV2, "commit"),
    (Contract::SessionQueueV2, "endAck"),
    (Contract::SessionQueueV2, "endPrecommit"),
    (Contract::SessionQueueV2, "endCommit"),
];

/// Each restricted function with arguments that its proper caller could use, and the error for a stranger.
fn restricted(world: &mut World, stranger: Address) -> Vec<(Attempt, Vec<u8>)> {
    let not_owner = Pool::OwnableUnauthorizedAccount { account: stranger }.abi_encode();
    let only_session = Pool::OnlySession { caller: stranger }.abi_encode();
    let only_queue = Session::OnlyQueue { caller: stranger }.abi_encode();
    let not_session_owner = Session::NotSessionOwner {
        sessionId: ID,
        caller: stranger,
    }
    .abi_encode();
    let node = world.view_session(Session::getSessionMinersCall { sessionId: ID })[0];
    let not_releasable = Session::NotReleasable {
        nodeId: node_id(node),
        caller: stranger,
    }
    .abi_encode();
    let not_oracle = Queue::NotOracle { caller: stranger }.abi_encode();
    let owner_only = [
        pool(Pool::transferOwnershipCall { newOwner: stranger }),
        pool(Pool::setSessionCall { session_: stranger }),
        session(Session::transferOwnershipCall { newOwner: stranger }),
        session(Session::setSessionQueueCall { queue: stranger }),
        queue(Queue::transferOwnershipCall { newOwner: stranger }),
        queue(Queue::setOracleCall {
            account: stranger,
            isOracle: true,
        }),
        queue(Queue::setWindowsCall {
            ackWindow: number(1),
            precommitWindow: number(1),
            commitWindow: number(1),
        }),
        queue(Queue::setPriceCall { price: number(1) }),
    ];
    let session_only = [
        pool(Pool::drawCall {
            sessionId: ID,
            required: number(1),
            count: number(1),
            reserve: true,
            held: vec![],
        }),
        pool(Pool::holdCall {
            sessionId: ID,
            sessionOwner: world.owner,
            node: account("node"),
        }),
        pool(Pool::releaseCall { node }),
        queue(Queue::enqueueTaskCall {
            sessionId: ID,
            submitter: world.owner,
            taskData: "work".into(),
        }),
    ];
    let queue_only = [
        session(Session::takeTaskCall {
            sessionId: ID,
            submitter: world.owner,
            price: U256::ZERO,
        }),
        session(Session::settleCall {
            sessionId: ID,
            paid: vec![stranger],
            price: number(1),
            assigned: number(1),
        }),
    ];
    let (router, info) = (account("router"), String::from("http://router"));
    let session_owner_only = [
        session(Session::updateSessionCall {
            sessionId: ID,
            name: "n".into(),
            metadata: "m".into(),
            minNumOfNodes: number(1),
            maxNumOfNodes: number(1),
            redundant: number(1),
        }),
        session(Session::deactivateSessionCall { sessionId: ID }),
        session(Session::submitCall {
            sessionId: ID,
            taskData: "work".into(),
        }),
        session(Session::addDedicatedNodeCall {
            sessionId: ID,
            nodeAddress: account("node"),
        }),
        session(Session::removeDedicatedNodeCall {
            sessionId: ID,
            nodeAddress: node,
        }),
        session(Session::withdrawFromSessionCall {
            sessionId: ID,
            amount: number(1),
        }),
        session(Session::addRouterCall {
            sessionId: ID,
            routerAddress: router,
            routerInfo: info.clone(),
        }),
        session(Session::updateRouterCall {
            sessionId: ID,
            routerAddress: router,
            routerInfo: info,
        }),
        session(Session::removeRouterCall {
            sessionId: ID,
            routerAddress: router,
        }),
        session(Session::resetAllRoutersCall { sessionId: ID }),
        queue(Queue::submitTaskCall {
            sessionId: ID,
            taskData: "work".into(),
        }),
    ];
    let with = |error: &[u8]| {
        let error = error.to_vec();
        move |attempt| (attempt, error.clone())
    };
    let mut table: Vec<_> = owner_only.into_iter().map(with(&not_owner)).collect();
    table.extend(session_only.into_iter().map(with(&only_session)));
    table.extend(queue_only.into_iter().map(with(&only_queue)));
    table.extend(session_owner_only.into_iter().map(with(&not_session_owner)));
    table.push((
        session(Session::releaseByNodeIdCall {
            nodeId: node_id(node),
        }),
        not_releasable,
    ));
    table.push((
        queue(Queue::endCall {
            sessionId: ID,
            taskId: U256::ZERO,
            forceEnd: true,
        }),
        not_oracle,
    ));
    table
}

#[test]
fn a_stranger_is_refused_by_every_function_that_is_not_open() {
    let mut world = World::new();
    world.register(1);
    let reserving = Shape {
        reserve: true,
        ..Shape::ephemeral(1)
    };
    assert_eq!(world.create(reserving), ID);
    world.submit(ID, "work");
    world.deposit(world.owner, ID, 10).ok();
    world.advance(10_000);
    let stranger = account("stranger");

    let mut faulty = Vec::new();
    let mut judged: BTreeSet<_> = OPEN
        .iter()
        .map(|(contract, name)| (*contract, (*name).to_owned()))
        .collect();
    for (attempt, error) in restricted(&mut world, stranger) {
        let outcome = attempt.send(&mut world, stranger).outcome;
        if outcome.output.as_ref() != error {
            faulty.push(attempt.function);
        }
        let (name, _) = attempt.function.split_once('(').expect("a signature");
        judged.insert((attempt.contract, name.to_owned()));
    }
    assert!(faulty.is_empty(), "not refused as they should be: {faulty:?}");
    let mut declared = BTreeSet::new();
    for contract in [Contract::NodePool, Contract::SessionV2, Contract::SessionQueueV2] {
        let abi = artifacts::read(&format!("{contract:?}")).abi;
        let changing = abi.functions().filter(|function| {
            !matches!(
                function.state_mutability,
                StateMutability::View | StateMutability::Pure
            )
        });
        declared.extend(changing.map(|function| (contract, function.name.clone())));
    }
    assert_eq!(judged, declared);
}

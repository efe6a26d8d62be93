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
    bindings::NodePool as Pool,
    world::{Contract, Id, Shape, World, account, miner, node_id},
};

/// The event that a case expects, as the log that carries it.
struct Expected {
    contract: Contract,
    signature: &'static str,
    log: LogData,
    outcome: Outcome,
}

mod queue;
mod session;

type Case = fn(&mut World) -> Expected;

fn expected<E: SolEvent>(contract: Contract, outcome: Outcome, event: E) -> Expected {
    Expected {
        contract,
        signature: E::SIGNATURE,
        log: event.encode_log_data(),
        outcome,
    }
}

/// The session and task of every case. Session, task and global id all differ, and none is zero.
const ID: Id = (U256::from_limbs([2, 0, 0, 0]), U256::from_limbs([1, 0, 0, 0]));
/// The global id of [`ID`].
const GLOBAL_ID: U256 = U256::from_limbs([4, 0, 0, 0]);

/// Two sessions with three tasks of a node that no case meets.
fn sessions_before(world: &mut World) {
    let shape = Shape {
        mode: 2,
        ..Shape::ephemeral(1)
    };
    let first = world.create(shape);
    world.create(shape);
    world.dedicate(first, account("a node of another session"));
    for _ in 0..3 {
        world.submit(first, "before");
    }
}

/// The session of [`ID`] with `miners` miners and the task before that one.
fn session_of(world: &mut World, miners: usize) -> Vec<Address> {
    let (session, miners) = world.session_of(miners);
    assert_eq!(session, ID.0);
    world.submit(session, "before");
    miners
}

fn pool<E: SolEvent>(outcome: Outcome, event: E) -> Expected {
    expected(Contract::NodePool, outcome, event)
}

const POOL: &[Case] = &[
    |world| {
        let (node, owner) = (miner(0), world.owner);
        let call = Pool::allowDedicationCall { sessionOwner: owner };
        let outcome = world.pool(node, call).ok();
        let found = world.view(Contract::NodePool, Pool::getDedicationAllowanceCall { node });
        assert_eq!(found, owner);
        pool(
            outcome,
            Pool::DedicationAllowed {
                node,
                sessionOwner: owner,
            },
        )
    },
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

#[test]
fn every_event_has_a_case_that_emits_it() {
    let mut emitted = BTreeSet::new();
    for case in [POOL, session::CASES, queue::CASES].concat() {
        let mut world = World::new();
        sessions_before(&mut world);
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

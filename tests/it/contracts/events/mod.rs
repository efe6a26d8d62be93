//! A case per event: what emits it, and with which values. The tables together must name exactly the events of the
//! ABIs, so an event that nothing emits fails the test.

use std::collections::BTreeSet;

use alloy::{
    primitives::{LogData, U256},
    sol_types::SolEvent,
};
use taskstorm::chain::embedded::Outcome;

use super::{
    artifacts,
    bindings::NodePool as Pool,
    world::{Contract, Id, World, account, miner, node_id},
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

const ID: Id = (U256::ZERO, U256::ZERO);

fn pool<E: SolEvent>(outcome: Outcome, event: E) -> Expected {
    expected(Contract::NodePool, outcome, event)
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

#[test]
fn every_event_has_a_case_that_emits_it() {
    let mut emitted = BTreeSet::new();
    for case in [POOL, session::CASES, queue::CASES].concat() {
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

//! Facts of a run for its result.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::Address;
use jiff::Timestamp;

use super::Node;
use crate::{
    driver::Ended,
    protocol::{Addresses, Contracts, Invariant},
    record::{BuildFacts, ChainFacts, RunFacts, ScenarioFacts, TimeSource},
    scenario::{ChainKind, Scenario},
    time::Micros,
};

/// The invariants that every run holds its events against.
const CHECKED: [Invariant; 9] = [
    Invariant::ORDER,
    Invariant::BINDING,
    Invariant::HIDING,
    Invariant::RESERVATION,
    Invariant::IDENTITY,
    Invariant::EVENTS,
    Invariant::AUTHORITY,
    Invariant::ASSIGNMENT,
    Invariant::WINDOWS,
];

/// The invariants that a run was held against: some need all that the chain says at the end.
fn checked(scenario: &Scenario, ended: &Ended) -> BTreeSet<Invariant> {
    let mut checked = BTreeSet::new();
    if ended.setup_end.is_some() {
        checked.extend(CHECKED);
    }
    if ended.audited {
        checked.extend([Invariant::FINALITY, Invariant::AGREEMENT]);
        checked.extend([Invariant::PAYMENT, Invariant::SOLVENCY, Invariant::STATE]);
        if scenario.has_deposits() {
            checked.insert(Invariant::CONSERVATION);
        }
        // An audited run ended all its tasks.
        if scenario.oracle.count > 0 {
            checked.insert(Invariant::LIVENESS);
        }
        // On a node the order of all transactions in a block is not known.
        if scenario.chain.kind == ChainKind::Embedded {
            checked.insert(Invariant::REFUSALS);
        }
    }
    checked
}

/// The facts of a run in real time, which started at a moment of the wall clock, or in virtual time, which did not.
pub(super) fn facts(
    scenario: &Scenario,
    started_at: Option<Timestamp>,
    chain: ChainFacts,
    ended: Ended,
) -> RunFacts {
    RunFacts {
        checked: checked(scenario, &ended),
        scenario: ScenarioFacts {
            name: scenario.name.clone(),
            description: scenario.description.clone(),
            seed: scenario.seed,
        },
        started_at,
        clock: if started_at.is_some() {
            TimeSource::Wall
        } else {
            TimeSource::Virtual
        },
        chain,
        stop_reason: ended.reason,
        stop_message: ended.message,
        duration: ended.at,
        setup_end: ended.setup_end,
        load_start: ended.load_start,
        node: ended.node,
    }
}

/// A chain that a node makes. What an endpoint that was running already is set to is not known.
pub(super) fn node_facts(scenario: &Scenario, node: &Node, contracts: &Contracts) -> ChainFacts {
    let ours = node.is_ours();
    let client = Some(node.endpoint.client.clone());
    let facts = ChainFacts {
        chain_id: node.endpoint.chain_id,
        client_version: client,
        ..set_by(scenario, "anvil", contracts)
    };
    if ours {
        return facts;
    }
    ChainFacts {
        kind: "rpc".to_owned(),
        hardfork: None,
        block_time_us: None,
        gas_limit: None,
        ..facts
    }
}

/// A chain of this kind, set as the scenario asks.
pub(super) fn set_by(scenario: &Scenario, kind: &str, contracts: &Contracts) -> ChainFacts {
    ChainFacts {
        kind: kind.to_owned(),
        client_version: None,
        chain_id: 0,
        hardfork: Some(scenario.chain.hardfork.name().to_owned()),
        block_time_us: Some(Micros::from(scenario.chain.block_time).0),
        gas_limit: Some(scenario.chain.gas_limit),
        contracts: contracts_by_name(contracts.addresses()),
        contract_build: Some(BuildFacts::of(&scenario.contracts, contracts.gas_limit_percent())),
    }
}

/// The contracts' addresses by their names.
#[must_use]
pub fn contracts_by_name(addresses: &Addresses) -> BTreeMap<String, Address> {
    BTreeMap::from([
        ("NodePool".to_owned(), addresses.node_pool),
        ("SessionV2".to_owned(), addresses.session),
        ("SessionQueueV2".to_owned(), addresses.session_queue),
    ])
}

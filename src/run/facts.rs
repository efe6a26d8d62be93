//! Facts of a run for its result.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::Address;
use jiff::Timestamp;

use super::{Node, overrides::overrides};
use crate::{
    chain::rpc::Survey,
    driver::Ended,
    protocol::{Contracts, DeployedContracts, Invariant, Reached, profile::interpreter::ProfileContracts},
    record::{BuildFacts, ChainFacts, RunFacts, ScenarioFacts, TimeSource},
    scenario::{ProfileRun, Scenario},
    time::Micros,
};

/// How far a run came that ended so, in virtual time or in real time.
pub(super) const fn reached(ended: &Ended, is_virtual: bool) -> Reached {
    Reached {
        set_up: ended.setup_end.is_some(),
        audited: ended.audited,
        in_order: is_virtual,
    }
}

/// The facts of a run in real time, which started at a moment of the wall clock, or in virtual time, which did not.
pub(super) fn facts(
    scenario: &Scenario,
    checked: BTreeSet<Invariant>,
    started_at: Option<Timestamp>,
    chain: ChainFacts,
    ended: Ended,
) -> RunFacts {
    RunFacts {
        checked,
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

/// A chain that a node makes. Of an endpoint that was running already is known what its blocks show.
pub(super) fn node_facts(
    scenario: &Scenario,
    node: &Node,
    deployed: DeployedFacts,
    survey: Option<&Survey>,
) -> ChainFacts {
    let client = Some(node.endpoint.client.clone());
    let facts = ChainFacts {
        chain_id: node.endpoint.chain_id,
        client_version: client,
        ..set_by(scenario, "anvil", deployed)
    };
    let Some(survey) = survey else { return facts };
    ChainFacts {
        kind: "rpc".to_owned(),
        hardfork: None,
        block_time_us: None,
        gas_limit: Some(survey.gas_limit),
        overrides: overrides(&scenario.chain, survey),
        ..facts
    }
}

/// The contracts of a run.
#[derive(Clone, Debug)]
pub(super) struct DeployedFacts {
    contracts: BTreeMap<String, Address>,
    build: Option<BuildFacts>,
}

impl DeployedFacts {
    /// Those of the reference protocol.
    pub(super) fn of_reference(scenario: &Scenario, contracts: &Contracts) -> Self {
        Self {
            contracts: contracts.by_name(),
            build: Some(BuildFacts::of(&scenario.contracts, contracts.gas_limit_percent())),
        }
    }

    /// Those of a profile.
    pub(super) fn of_profile(scenario: &Scenario, contracts: &ProfileContracts) -> Self {
        let build = |run: &ProfileRun| BuildFacts::of_profile(run.source(), run.definition.digest());
        Self {
            contracts: contracts.by_name(),
            build: scenario.profile.as_ref().map(build),
        }
    }
}

/// A chain of this kind, set as the scenario asks.
pub(super) fn set_by(scenario: &Scenario, kind: &str, deployed: DeployedFacts) -> ChainFacts {
    ChainFacts {
        kind: kind.to_owned(),
        client_version: None,
        chain_id: 0,
        hardfork: Some(scenario.chain.hardfork.name().to_owned()),
        block_time_us: Some(Micros::from(scenario.chain.block_time).0),
        gas_limit: Some(scenario.chain.gas_limit),
        contracts: deployed.contracts,
        contract_build: deployed.build,
        overrides: Vec::new(),
    }
}

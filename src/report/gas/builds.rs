//! The contracts that a snapshot was made with.

use std::collections::BTreeMap;

use alloy::primitives::B256;
use serde::{Deserialize, Serialize};

use crate::{
    artifacts::{Contract, digest},
    protocol::profile::ContractDefinition,
    scenario::Scenario,
};

/// How a contract was built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// The compiler and its version; empty if the artifact does not say it.
    pub compiler: String,
    /// The digest of the contract: name, ABI and creation code.
    pub artifact: B256,
    /// Bytes of deployed code; of creation code if the artifact says no more.
    pub code_bytes: u64,
}

/// The contracts that a scenario deploys, by name.
pub(super) fn builds(scenario: &Scenario) -> BTreeMap<String, Build> {
    let Some(run) = &scenario.profile else {
        return scenario.contracts.contracts().map(of_artifact).collect();
    };
    run.definition.contracts.iter().map(of_profile).collect()
}

fn of_artifact((name, contract): (&'static str, &Contract)) -> (String, Build) {
    let bytes = contract.deployed_bytes.unwrap_or(contract.code.bytes().len());
    let build = Build {
        compiler: compiler(contract.compiler.as_deref()),
        artifact: digest([(name, contract)]).all,
        code_bytes: bytes as u64,
    };
    (name.to_owned(), build)
}

fn of_profile(contract: &ContractDefinition) -> (String, Build) {
    let bytes = contract.deployed_bytes.unwrap_or(contract.code().bytes().len());
    let build = Build {
        compiler: compiler(contract.compiler.as_deref()),
        artifact: contract.digest().all,
        code_bytes: bytes as u64,
    };
    (contract.name.clone(), build)
}

fn compiler(version: Option<&str>) -> String {
    version.map_or_else(String::new, |version| format!("solc {version}"))
}

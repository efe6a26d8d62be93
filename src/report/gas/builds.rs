//! The contracts that a snapshot was made with.

use std::collections::BTreeMap;

use alloy::primitives::B256;
use serde::{Deserialize, Serialize};

use crate::{
    artifacts::{Contract, digest},
    protocol::ContractBuild,
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

/// The contracts of a build, by name.
pub(super) fn builds(contracts: &ContractBuild) -> BTreeMap<String, Build> {
    let of = |(name, contract): (&'static str, &Contract)| {
        let bytes = contract.deployed_bytes.unwrap_or(contract.code.bytes().len());
        let build = Build {
            compiler: contract
                .compiler
                .as_ref()
                .map_or_else(String::new, |version| format!("solc {version}")),
            artifact: digest([(name, contract)]).all,
            code_bytes: bytes as u64,
        };
        (name.to_owned(), build)
    };
    contracts.contracts().map(of).collect()
}

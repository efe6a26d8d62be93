//! The contracts that a snapshot was made with.

use std::collections::BTreeMap;

use alloy::primitives::{B256, keccak256};
use serde::{Deserialize, Serialize};

use crate::protocol::ARTIFACTS;

/// How a contract was built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// The compiler and its version.
    pub compiler: String,
    /// Keccak-256 of the artifact: ABI, bytecode, compiler settings and hashes of the sources.
    pub artifact: B256,
    /// Bytes of deployed code.
    pub code_bytes: u64,
}

/// The parts of an artifact that a build is told from.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    compiler: Compiler,
    deployed_bytecode: String,
}

#[derive(Deserialize)]
struct Compiler {
    name: String,
    version: String,
}

/// The reference contracts of this program, by name.
pub(super) fn builds() -> BTreeMap<String, Build> {
    let build = |(name, json): (&str, &str)| {
        let artifact: Artifact = serde_json::from_str(json)
            .expect("the artifacts are committed, and bindings were made from them when this was compiled");
        let code = artifact.deployed_bytecode.trim_start_matches("0x");
        let build = Build {
            compiler: format!("{} {}", artifact.compiler.name, artifact.compiler.version),
            artifact: keccak256(json),
            code_bytes: code.len() as u64 / 2,
        };
        (name.to_owned(), build)
    };
    ARTIFACTS.into_iter().map(build).collect()
}

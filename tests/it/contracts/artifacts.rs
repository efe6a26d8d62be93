//! The committed artifacts: do they come from the committed sources, and can they be deployed.

use std::{collections::BTreeMap, fs, path::Path};

use alloy::{
    json_abi::JsonAbi,
    primitives::{B256, Bytes, keccak256},
};
use serde::Deserialize;

use crate::support::node;

/// EIP-170.
const CODE_LIMIT: usize = 24_576;

const CONTRACTS: [&str; 4] = ["NodePool", "SessionV2", "SessionQueueV2", "test/Receiver"];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Artifact {
    pub(super) abi: JsonAbi,
    sources: BTreeMap<String, B256>,
    deployed_bytecode: Bytes,
}

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(super) fn read(name: &str) -> Artifact {
    let path = root().join("abi").join(name).with_extension("json");
    serde_json::from_str(&fs::read_to_string(path).expect("the artifact")).expect("an artifact")
}

#[test]
fn artifacts_carry_the_hashes_of_their_sources() {
    for name in CONTRACTS {
        for (source, hash) in read(name).sources {
            let text = fs::read_to_string(root().join(&source)).expect("the source");
            assert_eq!(
                keccak256(text.replace("\r\n", "\n")),
                hash,
                "abi/{name}.json is older than {source}: run node contracts/build.mjs"
            );
        }
    }
}

#[test]
fn contracts_fit_into_the_code_limit() {
    for name in CONTRACTS {
        let size = read(name).deployed_bytecode.len();
        assert!(
            (1..=CODE_LIMIT).contains(&size),
            "{name} has {size} bytes of code"
        );
    }
}

/// Compiles everything anew with the pinned compiler, which it installs if need be.
#[test]
fn artifacts_are_what_the_sources_compile_to() {
    let output = node::run("contracts/build.mjs", &["--check"]);
    assert!(output.status.success(), "{}", node::stderr(&output));
}

//! Scenarios, and contracts with a fault.

use std::{fs, path::PathBuf};

use alloy::{hex, primitives::keccak256};
use serde_json::{Value, json};

use crate::support::{node::root, place::Place};

/// A small scenario of the reference protocol.
pub(super) const SCENARIO: &str = r#"
name = "prey"
seed = 3

[owners]
count = 1
redundancy = 2
tasks = 4

[miners]
count = 3
"#;

/// Writes the reference contracts to `folder` as solc does, with an `ack` that emits an event nobody knows: a byte of its topic is
/// another.
pub(super) fn with_a_silent_ack(place: &Place, folder: &str) {
    let topic = hex::encode(keccak256("TaskAcked(uint256,uint256,address)"));
    let changed = format!("{}00", &topic[..62]);
    let contracts: serde_json::Map<String, Value> = ["NodePool", "SessionV2", "SessionQueueV2"]
        .into_iter()
        .map(|name| {
            let artifact = fs::read_to_string(abi().join(format!("{name}.json"))).expect("an artifact");
            let artifact: Value = serde_json::from_str(&artifact).expect("JSON");
            let code = artifact["bytecode"].as_str().expect("bytecode");
            let changes = name == "SessionQueueV2";
            assert!(
                !changes || code.contains(&topic),
                "the topic of TaskAcked is in the code"
            );
            let code = if changes {
                code.replace(&topic, &changed)
            } else {
                code.to_owned()
            };
            let described = json!({
                "abi": artifact["abi"],
                "evm": { "bytecode": { "object": code.trim_start_matches("0x") } },
            });
            (format!("contracts/{name}.sol"), json!({ name: described }))
        })
        .collect();
    place.write(folder, json!({ "contracts": contracts }).to_string());
}

/// The folder of the reference contracts' artifacts.
pub(super) fn abi() -> PathBuf {
    root().join("abi")
}

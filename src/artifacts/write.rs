//! Writes contracts as solc does.

use std::{collections::BTreeMap, io};

use serde_json::json;

use super::Contract;

/// Writes contracts, each under its source and name, as solc's standard JSON output. [`Artifacts::open`](super::Artifacts::open)
/// reads it.
///
/// # Errors
/// If `out` cannot be written.
pub fn write_standard_json<'a>(
    contracts: impl IntoIterator<Item = (&'a str, &'a str, &'a Contract)>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut by_source: BTreeMap<&str, BTreeMap<&str, serde_json::Value>> = BTreeMap::new();
    for (source, name, contract) in contracts {
        let described = json!({
            "abi": contract.abi,
            "evm": {
                "bytecode": { "object": contract.code.to_hex(), "linkReferences": contract.code.link_references() },
                "deployedBytecode": { "object": "00".repeat(contract.deployed_bytes.unwrap_or_default()) },
            },
        });
        by_source.entry(source).or_default().insert(name, described);
    }
    serde_json::to_writer(&mut *out, &json!({ "contracts": by_source })).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

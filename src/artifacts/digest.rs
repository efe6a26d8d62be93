//! Digests of contracts, the same whichever layout of artifacts they were read from.

use std::fmt;

use alloy::{
    json_abi::{EventParam, JsonAbi, Param},
    primitives::{B256, Keccak256, hex},
};
use serde::{Deserialize, Serialize};

use super::{Contract, CreationCode};

/// The digest of a set of contracts: names, ABIs and creation code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Of everything.
    pub all: B256,
    /// The same without the hashes of sources and settings that compilers put into the code (`bytecode_hash`): a comment
    /// changes those, and nothing that a contract does.
    pub without_metadata: B256,
}

impl Digest {
    /// Digits of the short form.
    const SHORT: usize = 8;

    /// The short form: the first 8 hexadecimal digits.
    #[must_use]
    pub fn short(&self) -> String {
        let mut digits = hex::encode(self.all);
        digits.truncate(Self::SHORT);
        digits
    }

    /// Whether the two differ in nothing but the compiler's metadata.
    #[must_use]
    pub fn differs_in_metadata_only(&self, other: &Self) -> bool {
        self.all != other.all && self.without_metadata == other.without_metadata
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

/// The digest of `contracts`, each under the name that it is used by. Their order does not matter.
pub fn digest<'a>(contracts: impl IntoIterator<Item = (&'a str, &'a Contract)>) -> Digest {
    let contracts = contracts.into_iter();
    digest_of_parts(
        contracts.map(|(name, contract)| (name, &contract.abi, &contract.code)),
        None,
    )
}

/// The digest of contracts by name, ABI and creation code, and of a text that says how they are used.
pub fn digest_of_parts<'a>(
    contracts: impl IntoIterator<Item = (&'a str, &'a JsonAbi, &'a CreationCode)>,
    text: Option<&str>,
) -> Digest {
    let mut sorted: Vec<(&str, &JsonAbi, &CreationCode)> = contracts.into_iter().collect();
    sorted.sort_by(|one, other| (one.0, one.2.bytes()).cmp(&(other.0, other.2.bytes())));
    let [mut all, mut without_metadata] = [Keccak256::new(), Keccak256::new()];
    if let Some(text) = text {
        part(&mut all, text.as_bytes());
        part(&mut without_metadata, text.as_bytes());
    }
    for (name, abi, links) in sorted {
        let code = links.bytes();
        let bare = without_hashes(code);
        for (hasher, code) in [(&mut all, code), (&mut without_metadata, bare.as_slice())] {
            part(hasher, name.as_bytes());
            part(hasher, canonical(abi).as_bytes());
            part(hasher, code);
            for offset in links.links().values().flatten() {
                part(hasher, &(*offset as u64).to_be_bytes());
            }
        }
    }
    Digest {
        all: all.finalize(),
        without_metadata: without_metadata.finalize(),
    }
}

/// Adds bytes with their length, so that no two lists of parts look the same.
fn part(hasher: &mut Keccak256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}

/// The ABI as text: a line per item, sorted; types and what a caller must know, no parameter names.
fn canonical(abi: &JsonAbi) -> String {
    let mut lines = Vec::new();
    if let Some(constructor) = &abi.constructor {
        lines.push(format!(
            "constructor({}) {:?}",
            types(&constructor.inputs),
            constructor.state_mutability
        ));
    }
    for function in abi.functions() {
        lines.push(format!(
            "function {} ({}) {:?}",
            function.signature(),
            types(&function.outputs),
            function.state_mutability
        ));
    }
    for event in abi.events() {
        let inputs: Vec<String> = event.inputs.iter().map(event_input).collect();
        let anonymous = if event.anonymous { " anonymous" } else { "" };
        lines.push(format!("event {}({}){anonymous}", event.name, inputs.join(",")));
    }
    lines.extend(abi.errors().map(|error| format!("error {}", error.signature())));
    lines.extend(
        abi.fallback
            .iter()
            .map(|fallback| format!("fallback {:?}", fallback.state_mutability)),
    );
    lines.extend(
        abi.receive
            .iter()
            .map(|receive| format!("receive {:?}", receive.state_mutability)),
    );
    lines.sort();
    lines.join("\n")
}

/// The types of parameters, as in a signature.
fn types(parameters: &[Param]) -> String {
    let types: Vec<_> = parameters
        .iter()
        .map(|parameter| parameter.selector_type())
        .collect();
    types.join(",")
}

fn event_input(input: &EventParam) -> String {
    let indexed = if input.indexed { " indexed" } else { "" };
    format!("{}{indexed}", input.selector_type())
}

/// The hashes of sources and settings in the metadata that compilers put into code, wherever it stands: a contract that
/// creates another holds that one's as well. Each is a CBOR key with a byte string.
const METADATA_HASHES: [(&[u8], usize); 3] = [
    (b"ipfs\x58\x22", 34),
    (b"bzzr0\x58\x20", 32),
    (b"bzzr1\x58\x20", 32),
];

/// The code with zeros in the place of metadata hashes.
fn without_hashes(code: &[u8]) -> Vec<u8> {
    let mut bare = code.to_vec();
    for (key, length) in METADATA_HASHES {
        let places = code
            .windows(key.len())
            .enumerate()
            .filter(|(_, window)| *window == key);
        for (at, _) in places {
            let hash = bare.iter_mut().skip(at + key.len()).take(length);
            hash.for_each(|byte| *byte = 0);
        }
    }
    bare
}

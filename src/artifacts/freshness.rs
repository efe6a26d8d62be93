//! Finds artifacts that are older than their sources, or that were not compiled together.
//!
//! Artifacts say the Keccak-256 of every source that they were compiled from, which is held against the sources. Times of
//! files decide only where an artifact does not say it: a checkout sets them anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use alloy::primitives::{B256, keccak256};

use super::Contract;
use crate::input::read_regular;

/// Largest source that is read.
const MAX_BYTES: u64 = 64 << 20;
/// Sources that a message names; the rest is counted.
const LISTED: usize = 3;
/// Folders above an artifact that may be the project's root.
const ABOVE: usize = 8;

/// What is stale about artifacts, a sentence each: sources that changed since they were compiled, and contracts that were
/// compiled from different versions of one source.
#[must_use]
pub fn stale_sources(contracts: &[&Contract]) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut seen: BTreeMap<&str, (B256, &Contract)> = BTreeMap::new();
    let mut mixed = BTreeSet::new();
    for contract in contracts {
        for (source, hash) in &contract.sources {
            let (first, of) = *seen.entry(source).or_insert((*hash, *contract));
            if first != *hash {
                mixed.insert((of.name.as_str(), contract.name.as_str(), source.as_str()));
            }
        }
    }
    for (one, other, source) in mixed {
        warnings.push(format!(
            "{one} and {other} were compiled from different versions of {source}: compile all of them again"
        ));
    }
    for contract in contracts {
        let changed = changed(contract);
        if !changed.is_empty() {
            let listed: Vec<&str> = changed.iter().take(LISTED).map(String::as_str).collect();
            let more = match changed.len().saturating_sub(LISTED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            warnings.push(format!(
                "the artifact of {} is stale: {}{more} changed since it was compiled; compile again",
                contract.name,
                listed.join(", ")
            ));
        }
    }
    warnings
}

/// The sources of a contract that are not as they were when it was compiled.
fn changed(contract: &Contract) -> Vec<String> {
    if !contract.sources.is_empty() {
        let differs = |(source, hash): &(&String, &B256)| {
            let file = find(contract, source)?;
            let bytes = read_regular(&file, MAX_BYTES).ok()?;
            (keccak256(bytes) != **hash).then(|| (*source).clone())
        };
        return contract
            .sources
            .iter()
            .filter_map(|entry| differs(&entry))
            .collect();
    }
    let newer = contract.source.as_ref().filter(|source| {
        let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        let source = find(contract, source).and_then(|file| modified(&file));
        source
            .zip(modified(&contract.file))
            .is_some_and(|(source, artifact)| source > artifact)
    });
    newer.into_iter().cloned().collect()
}

/// The file of a source, in the nearest folder above the artifact that has it.
fn find(contract: &Contract, source: &str) -> Option<PathBuf> {
    // A source of a package, or one that leads out of the project.
    if source.starts_with('@') || source.split('/').any(|step| step == "..") {
        return None;
    }
    let file = contract.file.canonicalize().ok()?;
    let mut above = file.ancestors().skip(1).take(ABOVE);
    above.find_map(|folder| Some(folder.join(source)).filter(|file| file.is_file()))
}

//! The file of a gas snapshot.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use alloy::primitives::B256;
use serde::{Deserialize, Serialize};

use super::{
    builds::{Build, builds},
    named,
};
use crate::{
    artifacts::Digest,
    input::read_result_text,
    record::{GasProfile, GasUse, RunResult},
    run_folder::{ExportError, write_file},
    scenario::Scenario,
};

/// The version of the file that this program writes and reads.
pub const GAS_SCHEMA_VERSION: u32 = 1;

/// What a scenario costs. The same scenario, seed, hardfork and contracts give the same bytes; no time, machine or path
/// is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GasSnapshot {
    /// [`GAS_SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The scenario that was run.
    pub scenario: ScenarioId,
    /// The rules that gas was charged by.
    pub hardfork: String,
    /// What executed the transactions.
    pub evm: String,
    /// The contracts, by name.
    pub contracts: BTreeMap<String, Build>,
    /// The digest of all contracts and their libraries, without the text of a profile; `None` in snapshots of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contracts_digest: Option<Digest>,
    /// Whether these are the contracts that came with taskstorm.
    #[serde(default = "yes")]
    pub built_in: bool,
    /// Gas of all transactions, setup's too, but not the deployment's.
    pub gas_total: u64,
    /// Per phase, in lifecycle order; only phases with transactions.
    #[serde(with = "named")]
    pub phases: Vec<(String, GasUse)>,
    /// Per function called, in lifecycle order.
    #[serde(with = "named")]
    pub functions: Vec<(String, GasUse)>,
}

/// Snapshots of older versions are of the built-in contracts.
const fn yes() -> bool {
    true
}

/// The scenario that a snapshot is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioId {
    /// Its name.
    pub name: String,
    /// Its seed.
    pub seed: u64,
    /// Keccak-256 of all that it says but for its description and thresholds.
    pub digest: B256,
}

/// The reason why a snapshot could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// There is none.
    #[error("no gas snapshot at {}", .0.display())]
    Missing(PathBuf),
    /// The file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        error: io::Error,
    },
    /// It is not a snapshot.
    #[error("{} is not a gas snapshot: {error}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where it stops being one.
        error: serde_json::Error,
    },
    /// It is a snapshot of another version of taskstorm.
    #[error("{} has schema version {version}, and this taskstorm reads {GAS_SCHEMA_VERSION}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u64,
    },
}

impl GasSnapshot {
    /// The snapshot of a run of `scenario`: its result, its profile, and the digest of the scenario.
    #[must_use]
    pub fn new(result: &RunResult, profile: &GasProfile, scenario_digest: B256, scenario: &Scenario) -> Self {
        let run = scenario.profile.as_ref();
        let contracts_digest = match run {
            Some(run) => run.definition.contracts_digest(),
            None => scenario.contracts.digest(),
        };
        let chain = &result.chain;
        let phases = profile.phases.iter();
        let functions = profile.functions.iter();
        Self {
            schema_version: GAS_SCHEMA_VERSION,
            scenario: ScenarioId {
                name: result.scenario.name.clone(),
                seed: result.scenario.seed,
                digest: scenario_digest,
            },
            hardfork: chain.hardfork.clone().unwrap_or_default(),
            evm: chain.client_version.clone().unwrap_or_default(),
            contracts: builds(scenario),
            contracts_digest: Some(contracts_digest),
            built_in: run.is_none() && scenario.contracts.is_built_in(),
            gas_total: profile.total(),
            phases: phases
                .map(|(phase, used)| (phase.name().to_owned(), used.clone()))
                .collect(),
            functions: functions
                .map(|(function, used)| (function.name().to_owned(), used.clone()))
                .collect(),
        }
    }

    /// The text of the file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self)
            .expect("every key is a string, and numbers and strings can be written");
        json.push('\n');
        json
    }

    /// Reads a snapshot.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn read(path: &Path) -> Result<Self, SnapshotError> {
        let text = read_result_text(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => SnapshotError::Missing(path.to_owned()),
            _ => SnapshotError::Unreadable {
                path: path.to_owned(),
                error,
            },
        })?;
        let invalid = |error| SnapshotError::Invalid {
            path: path.to_owned(),
            error,
        };
        // Another version may look different altogether.
        let value: serde_json::Value = serde_json::from_str(&text).map_err(invalid)?;
        match value["schema_version"].as_u64() {
            Some(version) if version != u64::from(GAS_SCHEMA_VERSION) => Err(SnapshotError::Version {
                path: path.to_owned(),
                version,
            }),
            _ => serde_json::from_str(&text).map_err(invalid),
        }
    }

    /// Writes the file, in the place of the one that is there.
    ///
    /// # Errors
    /// If it cannot be written; what was there is as it was then.
    pub fn write(&self, path: &Path) -> Result<(), ExportError> {
        write_file(path.to_owned(), self.to_json().as_bytes())
    }
}

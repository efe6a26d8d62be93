//! Facts of a run that its driver knows and its records do not hold.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::Address;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::NodeResult;
use crate::{
    artifacts::Digest,
    protocol::{ContractBuild, Invariant},
    time::Micros,
};

/// What [`super::Recorder::finish`] needs to know of a run beyond its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFacts {
    /// The scenario that was run.
    pub scenario: ScenarioFacts,
    /// When the run started by the wall clock; `None` in virtual time, where files depend on scenario and seed alone.
    pub started_at: Option<Timestamp>,
    /// What its moments were measured by.
    pub clock: TimeSource,
    /// The chain that it ran on.
    pub chain: ChainFacts,
    /// The reason why it stopped.
    pub stop_reason: StopReason,
    /// What there is to say about why it stopped, for people.
    pub stop_message: Option<String>,
    /// The duration, setup included.
    pub duration: Micros,
    /// When miners were registered and the first sessions open; `None` if it never got there.
    pub setup_end: Option<Micros>,
    /// When the first task was meant to be submitted; `None` if it never got there.
    pub load_start: Option<Micros>,
    /// Troubles with the node; `None` if there was none that could have any.
    pub node: Option<NodeResult>,
    /// The invariants that were checked.
    pub checked: BTreeSet<Invariant>,
}

/// What was run: with the scenario file as resolved, enough to run it again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioFacts {
    /// The scenario's name.
    pub name: String,
    /// What it shows.
    #[serde(default)]
    pub description: String,
    /// The seed that every random choice came from.
    pub seed: u64,
}

/// What a run's moments are measured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    /// Real time.
    #[default]
    Wall,
    /// Simulated time: no RPC, signing or node cost is in it.
    Virtual,
}

impl TimeSource {
    /// Its name in files: `wall` or `virtual`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Virtual => "virtual",
        }
    }

    /// Its label in every output for people.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Wall => "wall-clock time",
            Self::Virtual => "simulated (virtual) time",
        }
    }

    /// The same in fewer characters, for lines that say much else.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Wall => "wall-clock time",
            Self::Virtual => "virtual time",
        }
    }
}

/// The chain that a run ran on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainFacts {
    /// `anvil`, `rpc` or `embedded`.
    pub kind: String,
    /// What the node calls itself.
    pub client_version: Option<String>,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The hardfork whose gas rules applied; `None` if unknown.
    pub hardfork: Option<String>,
    /// Time from one block to the next; `None` if unknown or if blocks are mined on demand.
    pub block_time_us: Option<u64>,
    /// Gas that a block can hold; `None` if unknown.
    pub gas_limit: Option<u64>,
    /// Contracts by name.
    pub contracts: BTreeMap<String, Address>,
    /// The build of the contracts; `None` if nothing was deployed, or an older taskstorm did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_build: Option<BuildFacts>,
    /// Settings of the scenario's chain that the endpoint decided itself; none where taskstorm started the chain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<SettingOverride>,
}

/// A setting of the scenario's `[chain]` that an endpoint decided itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingOverride {
    /// The key.
    pub setting: String,
    /// What the scenario says.
    pub scenario: String,
    /// What the endpoint has; `None` if it does not show.
    pub endpoint: Option<String>,
}

/// The build of the contracts that a run deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildFacts {
    /// `built-in`, the artifacts as the scenario or the command line named them, or the profile's file.
    pub source: String,
    /// The digest of names, ABIs and creation code.
    pub digest: Digest,
    /// Gas limits of calls in per cent of what the reference contracts need at most; 100 unless the build needs more.
    pub gas_limit_percent: u64,
}

impl BuildFacts {
    /// The facts of `build`, whose calls may use this share of the gas that the reference contracts need at most.
    #[must_use]
    pub fn of(build: &ContractBuild, gas_limit_percent: u64) -> Self {
        Self {
            source: build.source().to_owned(),
            digest: build.digest(),
            gas_limit_percent,
        }
    }

    /// The facts of a profile and the contracts that it deploys, which come from `source`: its file, or artifacts in the place of
    /// its own.
    #[must_use]
    pub const fn of_profile(source: String, digest: Digest) -> Self {
        Self {
            source,
            digest,
            gas_limit_percent: 100,
        }
    }

    /// Source and digest in a few characters: `built-in 0123abcd`, `out 4567cdef`.
    #[must_use]
    pub fn short(&self) -> String {
        const MOST: usize = 14;
        let source = self
            .source
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default();
        let mut shown: String = source.chars().take(MOST).collect();
        if shown.len() < source.len() {
            shown.pop();
            shown.push('…');
        }
        format!("{shown} {}", self.digest)
    }

    /// Whether these are the contracts that came with taskstorm.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.source == ContractBuild::BUILT_IN
    }
}

/// The reason why a run stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The run completed.
    #[default]
    Finished,
    /// Someone stopped it: Ctrl-C or a signal.
    Interrupted,
    /// It reached its time limit with work left.
    TimedOut,
    /// A threshold that was to stop it could no longer hold.
    ThresholdLost,
    /// The chain stopped answering, or answered what no chain may.
    ChainLost,
    /// Setup failed or something else unexpected happened.
    Failed,
    /// It left no word: it was killed, or is still going on. Its result was counted from its rows.
    Unknown,
}

impl StopReason {
    /// The reason in words.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Interrupted => "interrupted",
            Self::TimedOut => "timed out",
            Self::ThresholdLost => "stopped early: a threshold could no longer hold",
            Self::ChainLost => "the chain was lost",
            Self::Failed => "failed",
            Self::Unknown => "it left no summary: it was killed, or is still going on",
        }
    }
}

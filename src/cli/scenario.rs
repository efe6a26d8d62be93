//! The flags that choose a scenario and change it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Failure, stderr};
use crate::scenario::{ChainKind, Finding, Loaded, Override, Scenario};

/// One scenario.
#[derive(Clone, Debug, Args)]
pub(super) struct ScenarioArgs {
    /// Scenario file.
    #[arg(value_name = "SCENARIO")]
    file: PathBuf,
    #[command(flatten)]
    overrides: OverrideArgs,
}

/// What is to be changed in a scenario.
#[derive(Clone, Debug, Args)]
pub(super) struct OverrideArgs {
    /// Override a value of the scenario: --set miners.count=500, --set miners.gpu.work_time=2s. The value is TOML or plain
    /// text; repeatable.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Contracts to deploy instead of the scenario's: a folder of Foundry (out/) or Hardhat (artifacts/) artifacts, the root
    /// of such a project, or a file of solc's JSON output. Their ABI must have what the actors call and decode.
    #[arg(long, value_name = "DIR")]
    artifacts: Option<PathBuf>,
    /// Override the seed of the scenario.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=Scenario::MAX_SEED))]
    seed: Option<u64>,
    /// Override the duration of every group's load (60s, 5m), instead of durations and numbers of tasks.
    #[arg(long, value_name = "TIME")]
    duration: Option<String>,
    /// Add a fault of the chain or the node, kind first: --fault "drop 2%", --fault "reorg depth 2 every 30s". Repeatable;
    /// docs/faults.md lists the kinds.
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<String>,
}

impl ScenarioArgs {
    /// The scenario, changed as the flags say and for another kind of chain if one is given. Warnings about it
    /// go to stderr.
    pub(super) fn load(&self, kind: Option<ChainKind>) -> Result<Scenario, Failure> {
        let overrides = self.overrides.overrides(kind);
        let Loaded { scenario, warnings } = Loaded::with_overrides(&self.file, &overrides)?;
        log_warnings(warnings);
        scenario.schema().read_from_now_on();
        Ok(scenario)
    }
}

/// Reports on stderr what is doubtful about a scenario.
pub(super) fn log_warnings(warnings: impl IntoIterator<Item = Finding>) {
    for warning in warnings {
        tracing::warn!("{}", stderr::rendered(&warning.into(), false));
    }
}

impl ScenarioArgs {
    /// The file, and the values that the flags give.
    pub(super) fn into_parts(self, kind: Option<ChainKind>) -> (PathBuf, Vec<Override>) {
        let overrides = self.overrides.overrides(kind);
        (self.file, overrides)
    }

    /// Whether the seed is given.
    pub(super) const fn has_seed(&self) -> bool {
        self.overrides.seed.is_some()
    }
}

/// `--artifacts` as a value of the scenario.
pub(super) fn artifacts(path: &Path) -> Override {
    // Quoted, so that a name such as `1.0` stays a text.
    let quoted = toml::Value::String(path.to_string_lossy().into_owned()).to_string();
    Override::flag("--artifacts", "contracts.artifacts", &quoted)
}

impl OverrideArgs {
    /// The contracts to deploy instead of others.
    pub(super) fn artifacts(&self) -> Option<&Path> {
        self.artifacts.as_deref()
    }

    /// A flag that is given and says something of a scenario alone.
    pub(super) fn of_scenario(&self) -> Option<&'static str> {
        let flags = [
            ("--set", !self.set.is_empty()),
            ("--seed", self.seed.is_some()),
            ("--duration", self.duration.is_some()),
            ("--fault", !self.faults.is_empty()),
        ];
        flags
            .into_iter()
            .find(|(_, is_given)| *is_given)
            .map(|(flag, _)| flag)
    }

    /// The values that the flags give, the last of which counts.
    pub(super) fn overrides(&self, kind: Option<ChainKind>) -> Vec<Override> {
        let set = self.set.iter().map(|assignment| Override::set(assignment));
        let artifacts = self.artifacts.as_deref().map(artifacts);
        set.chain(artifacts)
            .chain(self.seed.map(Override::seed))
            .chain(self.duration.as_deref().map(Override::duration))
            .chain(kind.map(Override::chain_kind))
            .chain(self.faults.iter().map(|fault| Override::fault(fault)))
            .collect()
    }
}

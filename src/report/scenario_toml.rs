//! `scenario.toml`: the scenario as resolved, enough to run it again.

use super::{ExportError, Exporter, FinishedRun};

/// Writes `scenario.toml`.
#[derive(Clone, Copy, Debug)]
pub struct ScenarioToml;

impl Exporter for ScenarioToml {
    fn file_name(&self) -> &'static str {
        "scenario.toml"
    }

    fn export(&self, run: &FinishedRun<'_>) -> Result<Vec<u8>, ExportError> {
        Ok(run.scenario.as_bytes().to_vec())
    }
}

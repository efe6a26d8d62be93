//! The interface of output files, and those that hold a part of a run as it is.

use std::{
    io,
    path::{Path, PathBuf},
};

use serde::Serialize;
use thiserror::Error;

use super::{LatencyHlog, PhasesCsv, SCENARIO_TOML, SUMMARY_JSON, SummaryMd};
use crate::{
    files::write_whole,
    record::{Histograms, RunResult},
};

/// A run that is over, and all that its output files are made from.
#[derive(Clone, Copy, Debug)]
pub struct FinishedRun<'a> {
    /// Its result.
    pub result: &'a RunResult,
    /// The histograms behind the result's latency percentiles.
    pub histograms: &'a Histograms,
    /// The scenario as resolved, seed included, as TOML.
    pub scenario: &'a str,
}

/// Makes one output file.
pub trait Exporter {
    /// The file's name in the run's folder.
    fn file_name(&self) -> &'static str;

    /// The file's bytes.
    ///
    /// # Errors
    /// If the run cannot be put into this format.
    fn export(&self, run: &FinishedRun<'_>) -> Result<Vec<u8>, ExportError>;

    /// Writes the file into `folder`; it appears whole or not at all.
    ///
    /// # Errors
    /// If it cannot be made or written.
    fn write(&self, folder: &Path, run: &FinishedRun<'_>) -> Result<(), ExportError> {
        write_file(folder.join(self.file_name()), &self.export(run)?)
    }
}

/// An output file could not be made.
#[derive(Debug, Error)]
pub enum ExportError {
    /// It could not be put into its format.
    #[error("cannot make {file}: {cause}")]
    Format {
        /// The file's name.
        file: &'static str,
        /// What stands in the way.
        cause: String,
    },
    /// It could not be written.
    #[error("cannot write {}: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        cause: io::Error,
    },
}

impl ExportError {
    /// That `cause` keeps `file` from being made.
    pub(crate) fn format(file: &'static str, cause: impl ToString) -> Self {
        let cause = cause.to_string();
        Self::Format { file, cause }
    }
}

/// Writes a file, which appears whole or not at all.
pub(crate) fn write_file(path: PathBuf, bytes: &[u8]) -> Result<(), ExportError> {
    write_whole(&path, bytes).map_err(|cause| ExportError::Write { path, cause })
}

/// A value as the text of a JSON file.
pub(crate) fn json_document(file: &'static str, value: &impl Serialize) -> Result<String, ExportError> {
    match serde_json::to_string_pretty(value) {
        Ok(text) => Ok(text + "\n"),
        Err(error) => Err(ExportError::format(file, error)),
    }
}

/// Every file that a run ends with. The summary comes last: where it is, the others are.
pub(super) const EXPORTERS: [&dyn Exporter; 5] =
    [&ScenarioToml, &PhasesCsv, &LatencyHlog, &SummaryMd, &SummaryJson];

/// Writes `scenario.toml`: the scenario as resolved, enough to run it again.
#[derive(Clone, Copy, Debug)]
pub struct ScenarioToml;

impl Exporter for ScenarioToml {
    fn file_name(&self) -> &'static str {
        SCENARIO_TOML
    }

    fn export(&self, run: &FinishedRun<'_>) -> Result<Vec<u8>, ExportError> {
        Ok(run.scenario.as_bytes().to_vec())
    }
}

/// Writes `summary.json`: the result as it is.
#[derive(Clone, Copy, Debug)]
pub struct SummaryJson;

impl Exporter for SummaryJson {
    fn file_name(&self) -> &'static str {
        SUMMARY_JSON
    }

    fn export(&self, run: &FinishedRun<'_>) -> Result<Vec<u8>, ExportError> {
        summary_json(run.result).map(String::into_bytes)
    }
}

/// A result as the text of `summary.json`, which is also what `--json` prints.
///
/// # Errors
/// If it cannot be put into JSON.
pub fn summary_json(result: &RunResult) -> Result<String, ExportError> {
    json_document(SUMMARY_JSON, result)
}

//! The interface of output files.

use std::{
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::{
    latency_hlog::LatencyHlog, phases_csv::PhasesCsv, scenario_toml::ScenarioToml, summary_json::SummaryJson,
    summary_md::SummaryMd,
};
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
        let path = folder.join(self.file_name());
        let bytes = self.export(run)?;
        write_whole(&path, &bytes).map_err(|cause| ExportError::Write { path, cause })
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

/// Every file that a run ends with. The summary comes last: where it is, the others are.
pub(super) const EXPORTERS: [&dyn Exporter; 5] =
    [&ScenarioToml, &PhasesCsv, &LatencyHlog, &SummaryMd, &SummaryJson];

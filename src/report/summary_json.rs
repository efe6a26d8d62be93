//! `summary.json`: the result as it is.

use super::{ExportError, Exporter, FinishedRun};
use crate::record::RunResult;

/// Writes `summary.json`.
#[derive(Clone, Copy, Debug)]
pub struct SummaryJson;

impl Exporter for SummaryJson {
    fn file_name(&self) -> &'static str {
        "summary.json"
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
    let mut text = serde_json::to_string_pretty(result).map_err(|error| ExportError::Format {
        file: "summary.json",
        cause: error.to_string(),
    })?;
    text.push('\n');
    Ok(text)
}

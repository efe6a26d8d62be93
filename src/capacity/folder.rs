//! The folder of a search, made before it so that a bad path fails first, and its files: `capacity.json` and
//! `capacity.csv`.

use std::{io, path::Path};

use jiff::Timestamp;
use serde_json::Value;

use super::CapacityResult;
use crate::{
    protocol::{Phase, being_read},
    run_folder::{ExportError, RunDir, RunDirError, json_document, write_file},
    scenario::Scenario,
};

/// Everything that a search found.
pub const CAPACITY_JSON: &str = "capacity.json";
/// A row per step.
pub const CAPACITY_CSV: &str = "capacity.csv";

/// The folder of a search, made before it so that a bad path fails first.
#[derive(Debug)]
pub struct CapacityDir(RunDir);

impl CapacityDir {
    /// Makes this folder, or `reports/<scenario>-capacity-<UTC time>/`, and writes the scenario to it.
    ///
    /// # Errors
    /// If the path is no folder, if files of a run or a search are there already, or if nothing can be written there.
    pub fn create(dir: Option<&Path>, scenario: &Scenario, now: Timestamp) -> Result<Self, RunDirError> {
        if let Some(dir) = dir
            && let Some(file) = [CAPACITY_JSON, CAPACITY_CSV]
                .into_iter()
                .find(|file| dir.join(file).exists())
        {
            let path = dir.to_owned();
            return Err(RunDirError::HoldsARun { path, file });
        }
        let name = format!("{}-capacity", scenario.name);
        let mut made = RunDir::create_without_rows(dir, &name, now)?;
        match made.write_inputs(scenario) {
            Ok(_) => Ok(Self(made)),
            Err(error) => {
                let path = made.path().to_owned();
                let cause = io::Error::other(error);
                Err(RunDirError::Unwritable { path, cause })
            }
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes what is known so far. Each file appears whole or not at all.
    ///
    /// # Errors
    /// The first file that could not be made or written.
    pub fn write(&self, result: &CapacityResult) -> Result<(), ExportError> {
        let csv = rows(result).map_err(|error| ExportError::format(CAPACITY_CSV, error))?;
        write_file(self.path().join(CAPACITY_CSV), &csv)?;
        let json = result.to_json()?;
        write_file(self.path().join(CAPACITY_JSON), json.as_bytes())
    }

    /// Removes the folder of a search that had no step. What cannot be removed stays.
    pub fn discard(self) {
        self.0.discard();
    }
}

impl CapacityResult {
    /// The text of `capacity.json`.
    ///
    /// # Errors
    /// Never in practice.
    pub fn to_json(&self) -> Result<String, ExportError> {
        json_document(CAPACITY_JSON, self)
    }
}

/// The text of `capacity.csv`: a row per step, in the order in which they were made; no header without rows.
fn rows(result: &CapacityResult) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns = columns();
    if !result.steps.is_empty() {
        writer.write_record(columns.iter().map(|(name, _)| name))?;
    }
    for step in &result.steps {
        // A step always serializes: `capacity.json` is made the same way.
        let mut row = serde_json::to_value(step).unwrap_or_default();
        row[FAILED_HOLDS] = step.failed_holds().join("; ").into();
        let cells = columns.iter().map(|(_, place)| match row.pointer(place) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        });
        writer.write_record(cells)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// The column of what did not hold.
const FAILED_HOLDS: &str = "failed_holds";

/// The columns of `capacity.csv`: their names, and where their values are in a step of `capacity.json`.
fn columns() -> Vec<(String, String)> {
    let own = |name: &str| (name.to_owned(), format!("/{name}"));
    let of = |time: &str, statistic: &str| {
        (
            format!("{time}_{statistic}_us"),
            format!("/{time}_us/{statistic}"),
        )
    };
    let head = [
        "step",
        "rate_per_s",
        "length_us",
        "repetition",
        "seed",
        "held",
        "steadiness",
        FAILED_HOLDS,
        "achieved_per_s",
        "growth_per_s",
        "growth_error_per_s",
        "at_least_per_s",
        "tasks_submitted",
        "tasks_ended",
        "tasks_failed",
        "tasks_unfinished",
        "tasks_dropped",
        "in_flight_mean",
        "in_flight_max",
    ];
    let mut columns: Vec<(String, String)> = head.map(own).into();
    columns.extend(["p50", "p90", "p95", "p99", "p99_9", "max"].map(|statistic| of("total", statistic)));
    for phase in being_read().lifecycle().map(Phase::name) {
        let place = |statistic| format!("/response_us/{phase}/{statistic}");
        columns.extend(["p50", "p99"].map(|of| (format!("{phase}_{of}_us"), place(of))));
    }
    columns.extend(["fullness_mean", "base_fee_max_wei", "block_interval_us"].map(own));
    columns.extend(["p50", "p99", "max"].map(|statistic| of("lateness", statistic)));
    columns.push(of("acceptance", "p99"));
    columns.extend(["miners_busy_mean", "miners_busy_max", "duration_us"].map(own));
    columns
}

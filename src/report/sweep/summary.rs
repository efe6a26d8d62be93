//! The results of a sweep as JSON.

use serde::Serialize;

use crate::{
    record::ThresholdVerdict,
    sweep::{Cell, CellEnd, Combination, Grid, Results, SWEEP_SCHEMA_VERSION, Vary},
};

/// What `taskstorm sweep --json` prints.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SweepSummary {
    /// [`SWEEP_SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The version of taskstorm that ran it.
    pub tool_version: String,
    /// The name of the scenario, in the first cell.
    pub scenario: String,
    /// What is varied.
    pub varied: Vec<Vary>,
    /// The number of cells .
    pub cells: usize,
    /// How many are done.
    pub done: usize,
    /// The cells that differ in their seeds alone, put together.
    pub combinations: Vec<Combination>,
    /// The cells that failed, and why.
    pub failed: Vec<FailedCell>,
    /// The thresholds that cells do not keep.
    pub failed_thresholds: Vec<FailedThresholds>,
}

/// A cell in [`SweepSummary`] that failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FailedCell {
    /// Its number, from 1.
    pub cell: usize,
    /// The reason.
    pub message: String,
}

/// A cell in [`SweepSummary`] that does not keep thresholds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FailedThresholds {
    /// Its number, from 1.
    pub cell: usize,
    /// The thresholds.
    pub thresholds: Vec<ThresholdVerdict>,
}

impl SweepSummary {
    /// The summary of a sweep of `scenario`.
    #[must_use]
    pub fn of(scenario: &str, grid: &Grid, cells: &[Cell], ends: &[CellEnd], results: &Results) -> Self {
        let failed = cells.iter().zip(ends).filter_map(|(cell, end)| {
            Some(FailedCell {
                cell: cell.number,
                message: end.failure()?.to_owned(),
            })
        });
        let broken = results
            .cells
            .iter()
            .filter(|cell| !cell.failed_thresholds.is_empty());
        Self {
            schema_version: SWEEP_SCHEMA_VERSION,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: scenario.to_owned(),
            varied: grid.varied().to_vec(),
            cells: cells.len(),
            done: results.cells.len(),
            combinations: Combination::all(grid, results),
            failed: failed.collect(),
            failed_thresholds: broken
                .map(|cell| FailedThresholds {
                    cell: cell.number,
                    thresholds: cell.failed_thresholds.clone(),
                })
                .collect(),
        }
    }
}

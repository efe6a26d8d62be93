//! The results of the cells that are done, read back from their folders.

use std::fs::{self, File};

use super::{Cell, CellEnd, Grid, Measured, SWEEP_CSV, SweepDir, SweepError, tidy::TidyWriter};
use crate::{
    record::{BuildFacts, StopReason, ThresholdVerdict, TimeSource},
    run_folder::{self, ExportError, ReadError},
};

/// What the cells that are done came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// The cells that are done, in the order of the grid.
    pub cells: Vec<CellResult>,
}

/// What a cell came to, as far as all cells are put together.
#[derive(Clone, Debug, PartialEq)]
pub struct CellResult {
    /// Its number, from 1.
    pub number: usize,
    /// The values of what is varied, in the order of the grid's keys.
    pub values: Vec<String>,
    /// Its seed.
    pub seed: u64,
    /// Source and digest of the contracts; `None` if unknown.
    pub contracts: Option<String>,
    /// The time source.
    pub clock: TimeSource,
    /// Whether it completed.
    pub complete: bool,
    /// The reason why it stopped.
    pub stop_reason: StopReason,
    /// The number of times that an invariant did not hold.
    pub violations: u64,
    /// The thresholds that it does not keep.
    pub failed_thresholds: Vec<ThresholdVerdict>,
    /// What [`Measured::all`] are, in that order.
    pub measured: Vec<Option<f64>>,
}

impl Results {
    /// Reads the results of the cells that are done, and writes `sweep.csv` from them, which appears whole or not at all.
    ///
    /// # Errors
    /// If a cell's summary cannot be read, or the file cannot be written.
    pub fn collect(
        dir: &SweepDir,
        grid: &Grid,
        cells: &[Cell],
        ends: &[CellEnd],
    ) -> Result<Self, SweepError> {
        let path = dir.path().join(SWEEP_CSV);
        let temporary = path.with_added_extension("tmp");
        let unwritable = |cause| ExportError::Write {
            path: path.clone(),
            cause,
        };
        let in_csv = |error: csv::Error| unwritable(error.into());
        let file = File::create(&temporary).map_err(unwritable)?;
        let mut tidy = TidyWriter::new(file, grid).map_err(in_csv)?;
        let all = Measured::all();
        let mut results = Vec::new();
        for (cell, _) in cells.iter().zip(ends).filter(|(_, end)| end.is_done()) {
            let folder = dir.cell(cell);
            let result = run_folder::summary(&folder)?.ok_or(ReadError::NoRun { path: folder })?;
            tidy.write(cell, grid, &result).map_err(in_csv)?;
            results.push(CellResult {
                number: cell.number,
                values: cell.values.clone(),
                seed: result.scenario.seed,
                contracts: result.chain.contract_build.as_ref().map(BuildFacts::short),
                clock: result.clock,
                complete: result.complete,
                stop_reason: result.stop_reason,
                violations: result.invariants.violated,
                failed_thresholds: result.failed_thresholds().cloned().collect(),
                measured: all.iter().map(|measured| measured.of(&result)).collect(),
            });
        }
        tidy.finish()
            .and_then(|()| fs::rename(&temporary, &path))
            .map_err(unwritable)?;
        Ok(Self { cells: results })
    }
}

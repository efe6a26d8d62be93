//! Results of a sweep, as a table and as JSON.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use serde::Serialize;

use super::{Cell, CellEnd, Combination, Grid, MeanInterval, Measured, Results, SWEEP_SCHEMA_VERSION, Vary};
use crate::{
    metric::{Statistic, Unit},
    record::{ThresholdVerdict, TimeSource},
    report::{Style, measured, metric_value},
};

/// Cells with failed thresholds, and failed cells, that are listed one by one.
const LISTED: usize = 20;

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
    pub combinations: Vec<CombinationSummary>,
    /// The cells that failed, and why.
    pub failed: Vec<FailedCell>,
    /// The thresholds that cells do not keep.
    pub failed_thresholds: Vec<FailedThresholds>,
}

/// A combination in [`SweepSummary`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CombinationSummary {
    /// The values by key.
    pub values: BTreeMap<String, String>,
    /// How many cells it has.
    pub cells: usize,
    /// The number of them that are done.
    pub done: usize,
    /// The number of these that completed.
    pub complete: usize,
    /// Means over the seeds by metric, in the metrics' units.
    pub metrics: BTreeMap<String, MeanInterval>,
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
        let keys: Vec<_> = grid.varied().iter().filter(|vary| !vary.is_seed()).collect();
        let combination = |combination: Combination| CombinationSummary {
            metrics: Measured::all()
                .into_iter()
                .zip(&combination.estimates)
                .filter_map(|(measured, estimate)| Some((measured.name(), (*estimate)?)))
                .collect(),
            values: keys
                .iter()
                .map(|vary| vary.key.clone())
                .zip(combination.values)
                .collect(),
            cells: combination.cells,
            done: combination.done,
            complete: combination.complete,
        };
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
            combinations: Combination::all(grid, results)
                .into_iter()
                .map(combination)
                .collect(),
            failed: failed.collect(),
            failed_thresholds: broken
                .map(|cell| FailedThresholds {
                    cell: cell.number,
                    thresholds: cell.failed_thresholds.clone(),
                })
                .collect(),
        }
    }

    /// The summary as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// What a sweep came to, for people: a row per combination, mean ± half of the 95 % confidence interval over the seeds.
#[must_use]
pub fn sweep_table(
    scenario: &str,
    grid: &Grid,
    (cells, ends): (&[Cell], &[CellEnd]),
    results: &Results,
    files: &Path,
    style: Style,
) -> String {
    let mut text = format!("{} · {}\n", style.bold(scenario), ran(cells, results));
    let combinations = Combination::all(grid, results);
    let _ = writeln!(text, "\n{}\n", table(grid, &combinations).trim_fmt());
    let several = combinations.iter().any(|combination| combination.done > 1);
    text.push_str(if several {
        "  ±       half of the 95 % confidence interval of the mean over seeds (Student's t)\n"
    } else {
        "  ±       none: there is one seed per row; --vary seed=1..5 gives intervals\n"
    });
    let incomplete = results.cells.iter().filter(|cell| !cell.complete);
    let incomplete = incomplete.map(|cell| (cell.number, cell.stop_reason.description().to_owned()));
    list(&mut text, "INCOMPLETE", grid, cells, incomplete);
    let failed = cells.iter().zip(ends);
    let failed = failed.filter_map(|(cell, end)| Some((cell.number, end.failure()?.to_owned())));
    list(&mut text, "FAILED", grid, cells, failed);
    let broken = results.cells.iter().flat_map(|cell| {
        let verdicts = cell.failed_thresholds.iter();
        verdicts.map(|verdict| {
            (
                cell.number,
                format!("{}: {}", verdict.expression, measured(verdict)),
            )
        })
    });
    list(&mut text, "THRESHOLD", grid, cells, broken);
    let _ = writeln!(text, "  files   {}", files.display());
    text
}

/// What ran, in a few words: `12 cells · simulated (virtual) time`.
pub(super) fn ran(cells: &[Cell], results: &Results) -> String {
    let is = |clock: TimeSource| results.cells.iter().any(|cell| cell.clock == clock);
    let time = match (is(TimeSource::Wall), is(TimeSource::Virtual)) {
        (true, true) => "some in wall-clock, some in simulated (virtual) time",
        (true, false) => "wall-clock time",
        (false, true) => "simulated (virtual) time",
        (false, false) => "nothing ran",
    };
    let (all, done) = (cells.len(), results.cells.len());
    let plural = if all == 1 { "cell" } else { "cells" };
    let builds = builds(results);
    let contracts = match builds.len() {
        0 | 1 => builds.concat(),
        several => format!(" · {several} builds of the contracts"),
    };
    if all == done {
        format!("sweep of {all} {plural} · {time}{contracts}")
    } else {
        format!("sweep of {all} {plural}, {done} done · {time}{contracts}")
    }
}

/// The builds of the contracts that cells deployed, by source and digest.
fn builds(results: &Results) -> Vec<String> {
    let builds: BTreeSet<&String> = results
        .cells
        .iter()
        .filter_map(|cell| cell.contracts.as_ref())
        .collect();
    builds.into_iter().map(|build| format!(" · {build}")).collect()
}

/// Lists what there is to say of cells, each with what sets it apart.
fn list(
    text: &mut String,
    label: &str,
    grid: &Grid,
    cells: &[Cell],
    said: impl Iterator<Item = (usize, String)>,
) {
    let said: Vec<_> = said.collect();
    for (number, what) in said.iter().take(LISTED) {
        let description = cells[number - 1].description(grid);
        let _ = writeln!(text, "  {label}  cell {number} ({description}): {what}");
    }
    if said.len() > LISTED {
        let _ = writeln!(text, "  {label}  and {} more", said.len() - LISTED);
    }
}

fn table(grid: &Grid, combinations: &[Combination]) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
    let keys: Vec<&str> = grid
        .varied()
        .iter()
        .filter(|vary| !vary.is_seed())
        .map(|vary| vary.key.as_str())
        .collect();
    let numbers = ["seeds", "tasks ended", "task p50", "task p99", "gas/task"];
    table.set_header(keys.iter().copied().chain(numbers));
    for combination in combinations {
        let seeds = if combination.done == combination.cells {
            combination.cells.to_string()
        } else {
            format!("{} of {}", combination.done, combination.cells)
        };
        let shown = [
            Measured::ENDED,
            Measured::total_time(Statistic::P50),
            Measured::total_time(Statistic::P99),
            Measured::GasPerTask,
        ];
        let shown = shown.map(|measured| written(combination.estimate(measured), measured.unit()));
        let values = combination.values.iter().cloned();
        table.add_row(values.chain([seeds]).chain(shown));
    }
    for column in table.column_iter_mut().skip(keys.len()) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.force_no_tty();
    table
}

/// `1.23 s ± 45.0 ms`.
fn written(estimate: Option<MeanInterval>, unit: Unit) -> String {
    let Some(estimate) = estimate else {
        return "–".to_owned();
    };
    let value = |number: f64| {
        // Less than a unit of gas is of no interest.
        let number = if unit == Unit::Gas { number.round() } else { number };
        let text = metric_value(unit, number);
        text.trim_end_matches(" gas").to_owned()
    };
    match estimate.half_width {
        Some(half) => format!("{} ± {}", value(estimate.mean), value(half)),
        None => value(estimate.mean),
    }
}

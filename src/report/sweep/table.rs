//! The results of a sweep for people.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use crate::{
    format::{Style, Table, human},
    metric::{Statistic, Unit},
    record::TimeSource,
    sweep::{Cell, CellEnd, Combination, Grid, MeanInterval, Measured, Results},
};

/// Cells with failed thresholds, and failed cells, that are listed one by one.
const LISTED: usize = 20;

/// What a sweep came to, for people: a row per combination, means over the seeds with their 95 % intervals.
#[must_use]
pub fn sweep_table(
    scenario: &str,
    grid: &Grid,
    (cells, ends): (&[Cell], &[CellEnd]),
    results: &Results,
    files: &Path,
    style: Style,
) -> String {
    let combinations = Combination::all(grid, results);
    let mut text = format!(
        "{} · {}\n\n{}\n\n",
        style.bold(scenario),
        ran(cells, results),
        table(grid, &combinations).terminal(style)
    );
    let several = combinations.iter().any(|combination| combination.done > 1);
    if several {
        let _ = writeln!(
            text,
            "  ±       half of the 95 % confidence interval of the mean over seeds (Student's t)\n  p50, p99  the range of \
             {} or more seeds in parentheses, which covers the median over all with 95 %; fewer tell no interval",
            MeanInterval::LEAST_RUNS
        );
    } else {
        text.push_str("  ±       none: there is one seed per row; --vary seed=1..6 gives intervals\n");
    }
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
                format!("{}: {}", verdict.expression, human::measured(verdict)),
            )
        })
    });
    list(&mut text, "THRESHOLD", grid, cells, broken);
    let _ = writeln!(text, "  files   {}", files.display());
    text
}

/// What ran, in a few words: `sweep of 12 cells · simulated (virtual) time · built-in 0123abcd`.
pub(super) fn ran(cells: &[Cell], results: &Results) -> String {
    let is = |clock: TimeSource| results.cells.iter().any(|cell| cell.clock == clock);
    let time = match (is(TimeSource::Wall), is(TimeSource::Virtual)) {
        (true, true) => "some in wall-clock, some in simulated (virtual) time",
        (true, false) => TimeSource::Wall.description(),
        (false, true) => TimeSource::Virtual.description(),
        (false, false) => "nothing ran",
    };
    let (all, done) = (cells.len(), results.cells.len());
    let plural = if all == 1 { "cell" } else { "cells" };
    let contracts = contracts(results);
    if all == done {
        format!("sweep of {all} {plural} · {time}{contracts}")
    } else {
        format!("sweep of {all} {plural}, {done} done · {time}{contracts}")
    }
}

/// The contracts that the cells deployed, by source and digest; how many builds if they differ.
fn contracts(results: &Results) -> String {
    let builds = results.cells.iter().filter_map(|cell| cell.contracts.as_ref());
    let builds: BTreeSet<&String> = builds.collect();
    match builds.len() {
        0 | 1 => builds.into_iter().map(|build| format!(" · {build}")).collect(),
        several => format!(" · {several} builds of the contracts"),
    }
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
    let keys = grid.varied().iter().filter(|vary| !vary.is_seed());
    let keys: Vec<&str> = keys.map(|vary| vary.key.as_str()).collect();
    let shown = [
        Measured::ENDED,
        Measured::total_time(Statistic::P50),
        Measured::total_time(Statistic::P99),
        Measured::GasPerTask,
    ];
    let rows = combinations.iter().map(|combination| {
        let seeds = match (combination.done, combination.cells) {
            (done, cells) if done == cells => cells.to_string(),
            (done, cells) => format!("{done} of {cells}"),
        };
        let shown = shown.map(|measured| written(combination.estimate(measured), measured.unit()));
        let values = keys.iter().map(|key| combination.values[*key].clone());
        let values: Vec<String> = values.collect();
        values.into_iter().chain([seeds]).chain(shown)
    });
    Table::default()
        .texts(keys.iter().copied())
        .numbers(["seeds", "tasks ended", "task p50", "task p99", "gas/task"])
        .rows(rows)
}

/// `1.23 s ± 45.0 ms`.
fn written(estimate: Option<MeanInterval>, unit: Unit) -> String {
    let Some(estimate) = estimate else {
        return human::NOTHING.to_owned();
    };
    let value = |number: f64| {
        // Less than a unit of gas is of no interest.
        let number = if unit == Unit::Gas { number.round() } else { number };
        let text = human::value(unit, number);
        text.trim_end_matches(" gas").to_owned()
    };
    let mean = value(estimate.mean);
    match (estimate.half_width, estimate.low.zip(estimate.high)) {
        _ if estimate.alike => format!("{mean} (all alike)"),
        (Some(half), _) => format!("{mean} ± {}", value(half)),
        (None, Some((low, high))) => format!("{mean} ({} to {})", value(low), value(high)),
        (None, None) => mean,
    }
}

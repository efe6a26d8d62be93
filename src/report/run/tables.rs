//! The tables of a summary: response time and gas per phase, and how long the phases of tasks took.

use super::summary::WIDTH;
use crate::{
    format::{Cell, Style, Table, human},
    record::{RunResult, Stats},
    run_folder::misbehaviour_table,
};

/// Width of the longest latency, so that the columns of both tables stand below each other.
const LATENCY: usize = 7;
/// The same of names.
const NAME: usize = 9;

/// The tables that have rows, each under its title.
pub(super) fn tables(result: &RunResult, style: Style) -> Vec<String> {
    let most = result.transactions.total.max(result.tasks.submitted);
    let count_width = human::count(most).len().max(5);
    let row = |name: &str, count: u64, stats: Option<&Stats>| {
        let of: [fn(&Stats) -> u64; 4] = [|of| of.p50, |of| of.p90, |of| of.p99, |of| of.max];
        let times = of.map(|of| Cell::maybe(stats, |stats| Cell::time_us(of(stats))).at_least(LATENCY));
        let mut row = vec![
            Cell::text(format!("{name:<NAME$}")),
            Cell::count(count).at_least(count_width),
        ];
        row.extend(times);
        row
    };
    let columns = ["count", "p50", "p90", "p99", "max"];
    let sent = result
        .phases
        .iter()
        .filter(|(_, phase)| phase.transactions.total > 0);
    let is_part = result.parts.is_some();
    let phases = sent.map(|(name, phase)| {
        // A count stands beside the percentiles that are of it.
        let count = match phase.response_us {
            _ if !is_part => phase.transactions.total,
            times => times.map_or(0, |times| times.count),
        };
        let mut row = row(name.name(), count, phase.response_us.as_ref());
        let gas = phase.gas_used.map(|gas| [gas.mean.round() as u64, gas.max]);
        row.extend([0, 1].map(|which| Cell::maybe(gas, |gas| Cell::count(gas[which]))));
        row.push(Cell::failed(phase.transactions.failed()));
        row
    });
    let phases = Table::default()
        .texts(["phase"])
        .numbers(columns)
        .numbers(["gas mean", "gas max", "failed"])
        .rows(phases);
    let spans = result.task_phases.iter().filter_map(|(span, result)| {
        let stats = result.duration_us.as_ref()?;
        Some(row(span.name(), stats.count, Some(stats)))
    });
    let spans = Table::default().texts(["phase"]).numbers(columns).rows(spans);

    let plain = phases.terminal(Style::Plain);
    let too_wide = plain.lines().any(|line| line.chars().count() > WIDTH);
    let gap = if too_wide { 1 } else { 2 };
    [
        (
            match is_part {
                false => "response time and gas of transactions",
                true => "response time (measured part) and gas (whole run) of transactions",
            },
            phases,
        ),
        (
            match is_part {
                false => "time that tasks spent in each phase",
                true => "time that tasks spent in each phase (measured part)",
            },
            spans,
        ),
    ]
    .into_iter()
    .filter(|(_, table)| !table.is_empty())
    .map(|(title, table)| format!("{}\n{}", style.bold(title), table.spaced(gap, style)))
    .collect()
}

/// The table of dishonest calls, if there were any.
pub(super) fn misbehaviour(result: &RunResult, style: Style) -> Option<String> {
    let table = misbehaviour_table(result);
    let title = style.bold("dishonest calls");
    (!table.is_empty()).then(|| format!("{title}\n{}", table.spaced(2, style)))
}

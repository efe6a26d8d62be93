//! The tables of a summary: response time and gas per phase, and how long the phases of tasks took.

use comfy_table::{Attribute, Cell, CellAlignment, Color, LineStyle, Table, TableStyle};

use super::{Style, human, terminal::WIDTH};
use crate::record::{RunResult, Stats};

/// Transactions per phase; `None` if there were none.
pub(super) fn phases(result: &RunResult, style: Style) -> Option<String> {
    let header = [
        "phase", "count", "p50", "p90", "p99", "max", "gas mean", "gas max", "failed",
    ];
    let rows: Vec<Vec<String>> = result
        .phases
        .iter()
        .filter(|(_, phase)| phase.transactions.total > 0)
        .map(|(name, phase)| {
            let mut row = vec![name.name().to_owned(), human::count(phase.transactions.total)];
            row.extend(latency(phase.response_us.as_ref()));
            let gas = |of: fn(&Stats) -> u64| {
                phase
                    .gas_used
                    .as_ref()
                    .map_or_else(|| human::NOTHING.to_owned(), |gas| human::count(of(gas)))
            };
            row.extend([gas(|gas| gas.mean.round() as u64), gas(|gas| gas.max)]);
            row.push(human::count(phase.transactions.failed()));
            row
        })
        .collect();
    titled("response time and gas of transactions", &header, &rows, style)
}

/// Durations of the phases of tasks; `None` if no task came through any.
pub(super) fn task_phases(result: &RunResult, style: Style) -> Option<String> {
    let header = ["task phase", "count", "p50", "p90", "p99", "max"];
    let rows: Vec<Vec<String>> = result
        .task_phases
        .iter()
        .filter_map(|(span, result)| Some((span, result.duration_us.as_ref()?)))
        .map(|(span, stats)| {
            let mut row = vec![span.name().to_owned(), human::count(stats.count)];
            row.extend(latency(Some(stats)));
            row
        })
        .collect();
    titled("how long tasks took", &header, &rows, style)
}

fn latency(stats: Option<&Stats>) -> [String; 4] {
    match stats {
        Some(stats) => [stats.p50, stats.p90, stats.p99, stats.max].map(human::time_us),
        None => [human::NOTHING; 4].map(str::to_owned),
    }
}

/// A table under a title, with narrower gaps if it would be too wide; `None` without rows.
fn titled(title: &str, header: &[&str], rows: &[Vec<String>], style: Style) -> Option<String> {
    if rows.is_empty() {
        return None;
    }
    let plain = |gap| table(header, rows, gap, Style::Plain);
    let gap = if plain(2).lines().any(|line| line.chars().count() > WIDTH) {
        1
    } else {
        2
    };
    Some(format!(
        "{}\n{}",
        style.bold(title),
        table(header, rows, gap, style)
    ))
}

fn table(header: &[&str], rows: &[Vec<String>], gap: u16, style: Style) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─')));
    table.set_header(
        header
            .iter()
            .map(|name| Cell::new(name).add_attribute(Attribute::Dim)),
    );
    for row in rows {
        table.add_row(row.iter().zip(header).map(|(text, column)| {
            let cell = Cell::new(text);
            if *column == "failed" && text != "0" {
                cell.fg(Color::Red)
            } else {
                cell
            }
        }));
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if index == 0 { 0 } else { gap }, 0));
        if index > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    match style {
        Style::Plain => table.force_no_tty(),
        Style::Coloured => table.enforce_styling(),
    };
    table.trim_fmt()
}

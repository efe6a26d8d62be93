//! The tables of a summary: response time and gas per phase, and how long the phases of tasks took.

use comfy_table::{Attribute, Cell, CellAlignment, Color, LineStyle, Table, TableStyle};

use super::{Style, human, terminal::WIDTH};
use crate::record::{RunResult, Stats};

/// The columns of both tables; the second has no more than the first six.
const COLUMNS: [&str; 9] = [
    "phase", "count", "p50", "p90", "p99", "max", "gas mean", "gas max", "failed",
];
/// Width of the longest latency, so that the columns of both tables stand below each other.
const LATENCY: usize = 7;

/// The tables that have rows, each under its title.
pub(super) fn tables(result: &RunResult, style: Style) -> Vec<String> {
    let count_width = human::count(result.transactions.total.max(result.tasks.submitted))
        .len()
        .max(5);
    let row = |name: &str, count: u64, stats: Option<&Stats>| {
        let latency = match stats {
            Some(stats) => [stats.p50, stats.p90, stats.p99, stats.max].map(human::time_us),
            None => [human::NOTHING; 4].map(str::to_owned),
        };
        let mut row = vec![
            format!("{name:<9}"),
            format!("{:>count_width$}", human::count(count)),
        ];
        row.extend(latency.map(|time| format!("{time:>LATENCY$}")));
        row
    };
    let phases = result
        .phases
        .iter()
        .filter(|(_, phase)| phase.transactions.total > 0);
    let phases: Vec<Vec<String>> = phases
        .map(|(name, phase)| {
            let mut row = row(name.name(), phase.transactions.total, phase.response_us.as_ref());
            row.extend(match &phase.gas_used {
                Some(gas) => [human::count(gas.mean.round() as u64), human::count(gas.max)],
                None => [human::NOTHING; 2].map(str::to_owned),
            });
            row.push(human::count(phase.transactions.failed()));
            row
        })
        .collect();
    let spans: Vec<Vec<String>> = result
        .task_phases
        .iter()
        .filter_map(|(span, result)| Some((span, result.duration_us.as_ref()?)))
        .map(|(span, stats)| row(span.name(), stats.count, Some(stats)))
        .collect();

    let too_wide = table(&phases, 2, Style::Plain)
        .lines()
        .any(|line| line.chars().count() > WIDTH);
    let gap = if too_wide { 1 } else { 2 };
    [
        ("response time and gas of transactions", phases),
        ("time that tasks spent in each phase", spans),
    ]
    .into_iter()
    .filter(|(_, rows)| !rows.is_empty())
    .map(|(title, rows)| format!("{}\n{}", style.bold(title), table(&rows, gap, style)))
    .collect()
}

fn table(rows: &[Vec<String>], gap: u16, style: Style) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
    let columns = rows.first().map_or(0, Vec::len);
    table.set_header(
        COLUMNS
            .iter()
            .take(columns)
            .map(|name| Cell::new(name).add_attribute(Attribute::Dim)),
    );
    for row in rows {
        table.add_row(row.iter().zip(COLUMNS).map(|(text, column)| {
            let cell = Cell::new(text);
            if column == "failed" && text != "0" {
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

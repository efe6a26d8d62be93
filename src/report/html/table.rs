//! Tables of the page, and the cells that several of them have.

use serde::Serialize;

use crate::{
    format::{Cell, Table, human},
    record::Stats,
};

/// A table with its title.
#[derive(Debug, Serialize)]
pub(super) struct TitledTable {
    pub(super) title: &'static str,
    /// How to read it.
    pub(super) note: String,
    #[serde(flatten)]
    pub(super) table: Table,
    /// What stands there if there are no rows.
    pub(super) empty: &'static str,
}

/// The columns of [`times`].
pub(super) const TIMES: [&str; 8] = ["min", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"];

/// Times in µs of one quantity.
pub(super) fn times(stats: Option<&Stats>) -> Vec<Cell> {
    let Some(stats) = stats else {
        return vec![Cell::nothing(); TIMES.len()];
    };
    let mean = Cell::number(human::time_us(stats.mean.round() as u64), stats.mean);
    let rest = [stats.p50, stats.p90, stats.p95, stats.p99, stats.p99_9, stats.max];
    let mut cells = vec![Cell::time_us(stats.min), mean];
    cells.extend(rest.map(Cell::time_us));
    cells
}

/// The columns of [`gas`].
pub(super) const GAS: [&str; 6] = ["min", "p50", "mean", "p99", "max", "gas in all"];

/// Gas of each transaction, and of all.
pub(super) fn gas(stats: Option<&Stats>, total: u64) -> Vec<Cell> {
    let mut cells = match stats {
        None => vec![Cell::nothing(); GAS.len() - 1],
        Some(stats) => {
            let mean = Cell::number(human::count(stats.mean.round() as u64), stats.mean);
            let [min, p50, p99, max] = [stats.min, stats.p50, stats.p99, stats.max].map(Cell::count);
            vec![min, p50, mean, p99, max]
        }
    };
    cells.push(Cell::count(total));
    cells
}

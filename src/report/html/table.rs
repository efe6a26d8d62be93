//! Tables of the page.

use serde::Serialize;

use crate::{record::Stats, report::human};

/// A table with its title.
#[derive(Debug, Serialize)]
pub(super) struct Table {
    pub(super) title: &'static str,
    /// How to read it.
    pub(super) note: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// What stands there if there are no rows.
    pub(super) empty: &'static str,
}

/// A column's head.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Column {
    pub(super) name: &'static str,
    /// Whether it holds numbers, which stand at the right.
    pub(super) number: bool,
}

/// What stands in a row and a column.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Cell {
    pub(super) text: String,
    /// What it is sorted by, if that is a number; of a number never measured nothing.
    pub(super) value: Option<f64>,
    pub(super) tone: Tone,
    /// Whether it is code.
    pub(super) code: bool,
}

/// How what is said is to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// All is well.
    Good,
    /// Something is to be known.
    Warn,
    /// Something is wrong.
    Bad,
}

/// Columns of names, then columns of numbers.
pub(super) fn columns(texts: &[&'static str], numbers: &[&'static str]) -> Vec<Column> {
    let column = |number| move |name: &&'static str| Column { name, number };
    let texts = texts.iter().map(column(false));
    texts.chain(numbers.iter().map(column(true))).collect()
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    pub(super) fn code(text: impl Into<String>) -> Self {
        Self {
            code: true,
            ..Self::text(text)
        }
    }

    pub(super) fn number(text: impl Into<String>, value: f64) -> Self {
        Self {
            value: Some(value),
            ..Self::text(text)
        }
    }

    pub(super) fn count(count: u64) -> Self {
        Self::number(human::count(count), count as f64)
    }

    /// A count of what had better not be.
    pub(super) fn failed(count: u64) -> Self {
        let tone = if count > 0 { Tone::Bad } else { Tone::Plain };
        Self::count(count).toned(tone)
    }

    pub(super) fn time_us(us: u64) -> Self {
        Self::number(human::time_us(us), us as f64)
    }

    pub(super) fn share(part: u64, all: u64) -> Self {
        if all == 0 {
            return Self::nothing();
        }
        let share = part as f64 / all as f64;
        Self::number(format!("{:.1} %", share * 100.0), share)
    }

    /// Never measured.
    pub(super) fn nothing() -> Self {
        Self::text(human::NOTHING)
    }

    pub(super) fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
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

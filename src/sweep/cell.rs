//! One cell: its place in the grid, its folder, and how it ended.

use alloy::primitives::B256;

use super::{Grid, check::fingerprint};
use crate::scenario::{ChainKind, Scenario};

/// A combination of values whose scenario can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its number, from 1, in the order of the grid.
    pub number: usize,
    /// The values of what is varied, in the order of the grid's keys.
    pub values: Vec<String>,
    /// The name of its folder: its number and values.
    pub folder: String,
    /// A digest of everything that its run depends on.
    pub fingerprint: B256,
    /// The kind of chain that its scenario is for.
    pub kind: ChainKind,
}

/// How a cell ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellEnd {
    /// It ran to an end that counts.
    Done,
    /// It was done before.
    Kept,
    /// It was stopped before its end, or never begun: it runs when the sweep is resumed.
    Open,
    /// The chain could not be found, started or reached, or was lost; why.
    ChainFailed(String),
    /// Something else kept it from its end; why.
    Failed(String),
}

/// Most characters of a cell's values in its folder's name.
const NAME: usize = 100;

impl Cell {
    /// The cell `index` of `grid`, whose scenario is `scenario`.
    pub(super) fn new(grid: &Grid, index: usize, scenario: &Scenario) -> Self {
        let (number, values) = (index + 1, grid.values(index));
        let width = grid.len().to_string().len();
        Self {
            folder: format!("{number:0width$}-{}", file_name(&assignments(grid, &values, ","))),
            number,
            values,
            fingerprint: fingerprint(scenario),
            kind: scenario.chain.kind,
        }
    }

    /// What sets it apart: `miners.count=10, seed=2`.
    #[must_use]
    pub fn description(&self, grid: &Grid) -> String {
        assignments(grid, &self.values, ", ")
    }
}

impl CellEnd {
    /// Whether its result counts.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done | Self::Kept)
    }

    /// The reason why it failed, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        match self {
            Self::ChainFailed(why) | Self::Failed(why) => Some(why),
            Self::Done | Self::Kept | Self::Open => None,
        }
    }

    /// What `sweep.json` calls it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Done | Self::Kept => "done",
            Self::Open => "open",
            Self::ChainFailed(_) | Self::Failed(_) => "failed",
        }
    }
}

fn assignments(grid: &Grid, values: &[String], separator: &str) -> String {
    let pairs = grid.varied().iter().zip(values);
    let pairs: Vec<String> = pairs
        .map(|(vary, value)| format!("{}={value}", vary.key))
        .collect();
    pairs.join(separator)
}

/// As a part of a file name on every system: what else than letters, digits and `=,._-` stands there becomes `-`.
fn file_name(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '=' | ',' | '.' | '_' | '-');
    let name: String = text
        .chars()
        .map(|c| if safe(c) { c } else { '-' })
        .take(NAME)
        .collect();
    name.trim_end_matches(['.', '-']).to_owned()
}

//! Aggregates cells over seeds.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{CellResult, Grid, MeanInterval, Measured, Results};

/// The cells that differ in their seeds alone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Combination {
    /// The values of what is varied but the seed, by key.
    pub values: BTreeMap<String, String>,
    /// How many cells it has.
    pub cells: usize,
    /// The number of them that are done.
    pub done: usize,
    /// The number of these that completed.
    pub complete: usize,
    /// Means over the seeds, with intervals, by the name of what was measured, in its unit.
    pub metrics: BTreeMap<String, MeanInterval>,
}

impl Combination {
    /// Every combination of `grid`, in its order, from the cells that are done.
    #[must_use]
    pub fn all(grid: &Grid, results: &Results) -> Vec<Self> {
        let mut combinations: Vec<(Self, Vec<&CellResult>)> = Vec::new();
        let mut places = BTreeMap::new();
        let mut done = results.cells.iter().peekable();
        for index in 0..grid.len() {
            let values = without_seed(grid, grid.values(index));
            let place = *places.entry(values.clone()).or_insert_with(|| {
                let new = Self {
                    values,
                    cells: 0,
                    done: 0,
                    complete: 0,
                    metrics: BTreeMap::new(),
                };
                combinations.push((new, Vec::new()));
                combinations.len() - 1
            });
            let (combination, cells) = &mut combinations[place];
            combination.cells += 1;
            if let Some(cell) = done.next_if(|cell| cell.number == index + 1) {
                cells.push(cell);
            }
        }
        combinations
            .into_iter()
            .map(|(combination, cells)| Self {
                done: cells.len(),
                complete: cells.iter().filter(|cell| cell.complete).count(),
                metrics: (0..)
                    .zip(Measured::all())
                    .filter_map(|(which, measured): (usize, _)| {
                        let values: Vec<f64> = cells.iter().filter_map(|cell| cell.measured[which]).collect();
                        Some((
                            measured.name(),
                            MeanInterval::of(&values, measured.distribution())?,
                        ))
                    })
                    .collect(),
                ..combination
            })
            .collect()
    }

    /// What this is over the seeds.
    #[must_use]
    pub fn estimate(&self, measured: Measured) -> Option<MeanInterval> {
        self.metrics.get(&measured.name()).copied()
    }
}

/// The values of what is varied but the seed.
fn without_seed(grid: &Grid, values: Vec<String>) -> BTreeMap<String, String> {
    let pairs = grid.varied().iter().zip(values);
    pairs
        .filter(|(vary, _)| !vary.is_seed())
        .map(|(vary, value)| (vary.key.clone(), value))
        .collect()
}

//! Aggregates cells over seeds.

use std::collections::BTreeMap;

use super::{CellResult, Grid, MeanInterval, Measured, Results};

/// The cells that differ in their seeds alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Combination {
    /// The values of what is varied but the seed, in the order of the grid's keys.
    pub values: Vec<String>,
    /// How many cells it has.
    pub cells: usize,
    /// The number of them that are done.
    pub done: usize,
    /// The number of these that completed.
    pub complete: usize,
    /// What [`Measured::all`] are over the seeds, in that order; `None` of what no cell measured.
    pub estimates: Vec<Option<MeanInterval>>,
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
                    estimates: Vec::new(),
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
                estimates: (0..Measured::all().len())
                    .map(|which| {
                        let values: Vec<f64> = cells.iter().filter_map(|cell| cell.measured[which]).collect();
                        MeanInterval::of(&values)
                    })
                    .collect(),
                ..combination
            })
            .collect()
    }

    /// What this is over the seeds.
    #[must_use]
    pub fn estimate(&self, measured: Measured) -> Option<MeanInterval> {
        let which = Measured::all().iter().position(|known| *known == measured)?;
        self.estimates.get(which).copied().flatten()
    }
}

/// The values of what is varied but the seed.
fn without_seed(grid: &Grid, values: Vec<String>) -> Vec<String> {
    let pairs = grid.varied().iter().zip(values);
    pairs
        .filter(|(vary, _)| !vary.is_seed())
        .map(|(_, value)| value)
        .collect()
}

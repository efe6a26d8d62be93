//! Every combination of the values that are varied.

use super::{SweepError, Vary};
use crate::scenario::Override;

/// The combinations of what is varied. The last key varies fastest: they come in the order of nested loops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    varied: Vec<Vary>,
    cells: usize,
}

impl Grid {
    /// Most cells: each is a whole run with a folder of its own.
    pub const MAX_CELLS: usize = 10_000;

    /// The grid of these keys.
    ///
    /// # Errors
    /// If a key is there twice, or there are more than [`Grid::MAX_CELLS`] combinations.
    pub fn new(varied: Vec<Vary>) -> Result<Self, SweepError> {
        for (index, vary) in varied.iter().enumerate() {
            if varied[..index].iter().any(|before| before.key == vary.key) {
                return Err(SweepError::VariedTwice(vary.key.clone()));
            }
        }
        let count = |cells: u128, vary: &Vary| cells.saturating_mul(vary.values.len() as u128);
        let cells = varied.iter().fold(1, count);
        match usize::try_from(cells) {
            Ok(cells) if cells <= Self::MAX_CELLS => Ok(Self { varied, cells }),
            _ => Err(SweepError::TooManyCells(cells)),
        }
    }

    /// The number of combinations , from 1.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is at least one combination")]
    pub const fn len(&self) -> usize {
        self.cells
    }

    /// What is varied, in the order in which it was given.
    #[must_use]
    pub fn varied(&self) -> &[Vary] {
        &self.varied
    }

    /// The values of the combination `index`, below [`Grid::len`], in the order of [`Grid::varied`].
    #[must_use]
    pub fn values(&self, index: usize) -> Vec<String> {
        let mut rest = index;
        let mut values: Vec<String> = Vec::with_capacity(self.varied.len());
        for vary in self.varied.iter().rev() {
            values.push(vary.values[rest % vary.values.len()].clone());
            rest /= vary.values.len();
        }
        values.reverse();
        values
    }

    /// What the combination `index` sets in the scenario; problems point at the flag and the value.
    #[must_use]
    pub fn overrides(&self, index: usize) -> Vec<Override> {
        let set = self.varied.iter().zip(self.values(index));
        set.map(|(vary, value)| Override::assign("--vary", &format!("{}={value}", vary.key)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Grid;

    #[test]
    fn combinations_come_in_the_order_of_nested_loops() {
        let grid = Grid::new(vec!["a=1,2".parse().unwrap(), "b=3..5".parse().unwrap()]).unwrap();
        let all: Vec<String> = (0..grid.len()).map(|index| grid.values(index).join("")).collect();
        assert_eq!(all, ["13", "14", "15", "23", "24", "25"]);
    }

    #[test]
    fn a_grid_has_an_end() {
        let many = |keys: &[&str]| {
            Grid::new(
                keys.iter()
                    .map(|key| format!("{key}=1..100").parse().unwrap())
                    .collect(),
            )
        };
        assert_eq!(many(&["a", "b"]).unwrap().len(), 10_000);
        assert!(many(&["a", "b", "c"]).is_err());
        assert!(many(&["a", "a"]).is_err());
    }
}

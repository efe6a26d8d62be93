//! Counts that sessions and miners drew from distributions.

use std::fmt;

use serde::Serialize;

use crate::{scenario::Distribution, units::Count};

/// What the members of a group drew of a count.
#[derive(Debug, Serialize)]
pub(super) struct Drawn {
    key: &'static str,
    min: u64,
    max: u64,
    mean: f64,
}

impl Drawn {
    /// What was drawn of the count that `key` gives; `None` if it is the same for all.
    pub(super) fn of<const MOST: u32>(
        key: &'static str,
        distribution: &Distribution<Count<MOST>>,
        drawn: impl Iterator<Item = u64>,
    ) -> Option<Self> {
        if matches!(distribution, Distribution::Constant(_)) {
            return None;
        }
        let drawn: Vec<_> = drawn.collect();
        Some(Self {
            key,
            min: drawn.iter().copied().min()?,
            max: drawn.iter().copied().max()?,
            mean: drawn.iter().sum::<u64>() as f64 / drawn.len() as f64,
        })
    }
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, min, max, mean } = self;
        write!(f, "{key} {min} to {max}, mean {mean:.1}")
    }
}

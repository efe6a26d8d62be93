//! Gas: a distribution whose percentiles are exact as long as few different values occur, as they do.

use std::collections::BTreeMap;

use super::{Distribution, Stats};

/// Different values that are counted one by one; with more of them percentiles come from the histogram.
const EXACT_VALUES: usize = 16_384;

/// Gas of many transactions. Percentiles are exact up to 16,384 different values, and beyond that within
/// the histogram's 3 significant digits.
#[derive(Clone, Debug)]
pub(super) struct GasDistribution {
    values: Distribution,
    counts: Option<BTreeMap<u64, u64>>,
}

impl Default for GasDistribution {
    fn default() -> Self {
        Self {
            values: Distribution::default(),
            counts: Some(BTreeMap::new()),
        }
    }
}

impl GasDistribution {
    /// Adds one transaction's gas.
    pub(super) fn record(&mut self, gas: u64) {
        self.values.record(gas);
        if let Some(counts) = &mut self.counts {
            *counts.entry(gas).or_default() += 1;
            if counts.len() > EXACT_VALUES {
                self.counts = None;
            }
        }
    }

    /// All gas; at most `u64::MAX`.
    pub(super) fn total(&self) -> u64 {
        u64::try_from(self.values.sum()).unwrap_or(u64::MAX)
    }

    /// The statistics of all values; `None` without values.
    pub(super) fn stats(&self) -> Option<Stats> {
        self.values.stats_with(|quantile| match &self.counts {
            Some(counts) => nearest_rank(counts, self.values.count(), quantile),
            None => self.values.quantile(quantile),
        })
    }
}

/// The smallest value that at least the share `quantile` of all values does not exceed.
fn nearest_rank(counts: &BTreeMap<u64, u64>, count: u64, quantile: f64) -> Option<u64> {
    let rank = ((quantile * count as f64).ceil() as u64).max(1);
    let mut seen = 0;
    counts.iter().find_map(|(&value, &times)| {
        seen += times;
        (seen >= rank).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_exact_while_values_are_few() {
        let mut gas = GasDistribution::default();
        for _ in 0..2 {
            gas.record(71_013);
        }
        gas.record(88_114);
        let stats = gas.stats().unwrap();
        assert_eq!((stats.p50, stats.p90, gas.total()), (71_013, 88_114, 230_140));
    }

    #[test]
    fn many_different_values_fall_back_to_the_histogram() {
        let mut gas = GasDistribution::default();
        for value in 0..40_000 {
            gas.record(100_000 + value);
        }
        let p50 = gas.stats().unwrap().p50;
        assert!(p50.abs_diff(120_000) <= 120, "{p50}");
    }
}

//! Samples of one quantity of a run, block by block.

use std::collections::{BTreeMap, BTreeSet};

use super::bins::bin;
use crate::time::Micros;

/// Stretches that a run is cut into at most. The values of a block are all in one of them.
const SLOTS: u64 = 512;

/// The values of one quantity in one run, in stretches of time that never cut through a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    end: Micros,
    slots: BTreeMap<u64, Values>,
    blocks: BTreeSet<Micros>,
}

/// Some values, in bins; their sums are exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Values {
    pub(super) bins: BTreeMap<u32, Bin>,
    pub(super) count: u64,
    pub(super) sum: u128,
}

/// Values that are alike to 0.1 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bin {
    pub(super) count: u64,
    sum: u128,
}

impl Bin {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.sum += other.sum;
    }

    /// The mean: the value itself where all are the same, and never beyond the smallest or the largest.
    pub(super) fn mean(self) -> f64 {
        self.sum as f64 / self.count.max(1) as f64
    }
}

impl Values {
    pub(super) fn record(&mut self, value: u64) {
        let (count, sum) = (1, u128::from(value));
        self.bins.entry(bin(value)).or_default().add(Bin { count, sum });
        self.count += count;
        self.sum += sum;
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (bin, values) in &other.bins {
            self.bins.entry(*bin).or_default().add(*values);
        }
        self.count += other.count;
        self.sum += other.sum;
    }

    /// A percentile, to 0.1 %; `None` of nothing.
    pub(super) fn quantile(&self, quantile: f64) -> Option<f64> {
        let bin = self.quantile_bin(quantile)?;
        self.bins.get(&bin).map(|bin| bin.mean())
    }

    /// The mean; 0 of nothing.
    pub(super) fn mean(&self) -> f64 {
        self.sum as f64 / self.count.max(1) as f64
    }

    /// The bin that the share `quantile` of all values lies in or below; `None` of nothing.
    pub(super) fn quantile_bin(&self, quantile: f64) -> Option<u32> {
        let rank = rank(quantile, self.count);
        let mut seen = 0;
        self.bins.iter().find_map(|(bin, values)| {
            seen += values.count;
            (seen >= rank).then_some(*bin)
        })
    }
}

/// How many values a percentile must not be below (nearest rank).
pub(super) fn rank(quantile: f64, count: u64) -> u64 {
    ((quantile * count as f64).ceil() as u64).max(1)
}

impl Sample {
    /// Nothing yet, of a run that ends at `end`.
    pub(super) const fn new(end: Micros) -> Self {
        Self {
            end,
            slots: BTreeMap::new(),
            blocks: BTreeSet::new(),
        }
    }

    /// Adds a value that belongs to `block`: the moment at which the block that brought it was seen.
    pub(super) fn record(&mut self, block: Micros, value: u64) {
        let slot = u128::from(block.0) * u128::from(SLOTS) / (u128::from(self.end.0) + 1);
        // The slot of a moment within the run is below SLOTS.
        self.slots
            .entry(u64::try_from(slot).unwrap_or(SLOTS))
            .or_default()
            .record(value);
        self.blocks.insert(block);
    }

    /// How many blocks brought a value.
    pub(super) fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// The values in at most `most` batches of neighbouring blocks, about as many blocks in each.
    pub(super) fn batches(&self, most: usize) -> Vec<Values> {
        let [batches] = Self::together([self], most);
        batches
    }

    /// The values of two samples of the same length in at most `most` batches, which are cut at the same moments.
    pub(super) fn paired_batches(&self, other: &Self, most: usize) -> [Vec<Values>; 2] {
        Self::together([self, other], most)
    }

    fn together<const N: usize>(samples: [&Self; N], most: usize) -> [Vec<Values>; N] {
        let slots: BTreeSet<u64> = samples
            .iter()
            .flat_map(|sample| sample.slots.keys().copied())
            .collect();
        let most = most.min(slots.len());
        samples.map(|sample| {
            let mut batches = vec![Values::default(); most];
            for (index, slot) in slots.iter().enumerate() {
                let batch = batches.get_mut(index * most / slots.len());
                if let Some((batch, values)) = batch.zip(sample.slots.get(slot)) {
                    batch.add(values);
                }
            }
            batches
        })
    }
}

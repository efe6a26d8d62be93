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

/// Some values, in bins; their sum is exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Values {
    pub(super) bins: BTreeMap<u32, u64>,
    pub(super) count: u64,
    pub(super) sum: u128,
}

impl Values {
    pub(super) fn record(&mut self, value: u64) {
        *self.bins.entry(bin(value)).or_default() += 1;
        self.count += 1;
        self.sum += u128::from(value);
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (bin, count) in &other.bins {
            *self.bins.entry(*bin).or_default() += count;
        }
        self.count += other.count;
        self.sum += other.sum;
    }

    /// The mean; 0 of nothing.
    pub(super) fn mean(&self) -> f64 {
        self.sum as f64 / self.count.max(1) as f64
    }

    /// The bin that the share `quantile` of all values lies in or below; `None` of nothing.
    pub(super) fn quantile_bin(&self, quantile: f64) -> Option<u32> {
        let rank = rank(quantile, self.count);
        let mut seen = 0;
        self.bins.iter().find_map(|(bin, count)| {
            seen += count;
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

    /// Adds a value that the block seen at `block` brought.
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
        let most = most.min(self.slots.len());
        let mut batches = vec![Values::default(); most];
        for (index, slot) in self.slots.values().enumerate() {
            if let Some(batch) = batches.get_mut(index * most / self.slots.len()) {
                batch.add(slot);
            }
        }
        batches
    }
}

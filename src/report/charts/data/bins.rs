//! A run's time, cut into bins of one width.

use crate::{record::RunResult, time::Micros};

/// Most bins that a chart over time has: more would be narrower than the eye tells apart.
const MOST: u64 = 160;

/// Bins of one width from the run's start to its end. A width is 1, 2 or 5 times a power of ten µs, or a multiple of the
/// time between blocks where that is longer, so that every bin holds the same number of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bins {
    width: u64,
    count: usize,
}

impl Bins {
    /// The bins for a run with this result whose blocks came at this interval in µs, on average. Where they came later
    /// than they should, or nothing is known of when they should, bins hold three or so, lest many hold none.
    pub(crate) fn of(result: &RunResult, interval: Option<u64>) -> Self {
        let duration = result.duration_us.0.max(1);
        let mut width = nice(duration.div_ceil(MOST));
        let block = result.chain.block_time_us.filter(|block| *block > 0);
        let in_time = |interval: u64| block.is_some_and(|block| interval <= block + block / 10);
        if let Some(late) = interval.filter(|interval| !in_time(*interval)) {
            width = width.max(nice(3 * late));
        }
        if let Some(block) = block {
            width = width.div_ceil(block) * block;
        }
        Self {
            width,
            count: usize::try_from(duration.div_ceil(width)).unwrap_or(1),
        }
    }

    /// The number of there that are; at least one.
    pub(crate) const fn count(self) -> usize {
        self.count
    }

    /// Their width in µs.
    pub(crate) const fn width_us(self) -> u64 {
        self.width
    }

    /// The bin that a moment is in. The moment at which one ends is in the next, but for the last.
    pub(crate) fn at(self, moment: Micros) -> usize {
        usize::try_from(moment.0 / self.width)
            .unwrap_or(usize::MAX)
            .min(self.count - 1)
    }

    /// The bin that what was seen at a moment belongs to: a block that is seen at the moment at which a bin ends holds
    /// what happened in it.
    pub(crate) fn up_to(self, moment: Micros) -> usize {
        self.at(Micros(moment.0.saturating_sub(1)))
    }

    /// Where a bin starts and ends, in µs.
    pub(crate) const fn edges(self, bin: usize) -> (u64, u64) {
        let start = bin as u64 * self.width;
        (start, start + self.width)
    }

    /// Where the last bin ends, in µs.
    pub(crate) const fn end_us(self) -> u64 {
        self.count as u64 * self.width
    }
}

/// The smallest of 1, 2, 5, 10, 20, 50, … that is not below `least`.
fn nice(least: u64) -> u64 {
    let mut ten = 1_u64;
    loop {
        for digit in [1, 2, 5] {
            let candidate = ten.saturating_mul(digit);
            if candidate >= least || candidate == u64::MAX {
                return candidate;
            }
        }
        ten = ten.saturating_mul(10);
    }
}

/// Time that something spent in each bin, added up from intervals in constant time each.
#[derive(Clone, Debug)]
pub(crate) struct Occupancy {
    bins: Bins,
    /// Time in bins that an interval does not fill, in µs.
    partial: Vec<u64>,
    /// Intervals that fill all bins from here on, less those that do no more.
    full: Vec<i64>,
}

impl Occupancy {
    /// Nothing yet.
    pub(crate) fn new(bins: Bins) -> Self {
        Self {
            bins,
            partial: vec![0; bins.count()],
            full: vec![0; bins.count() + 1],
        }
    }

    /// Adds the interval from one moment to a later one.
    pub(crate) fn add(&mut self, from: Micros, to: Micros) {
        let end = self.bins.end_us();
        let (from, to) = (from.0.min(end), to.0.min(end));
        if from >= to {
            return;
        }
        let (first, last) = (self.bins.at(Micros(from)), self.bins.at(Micros(to - 1)));
        if first == last {
            self.partial[first] += to - from;
            return;
        }
        self.partial[first] += self.bins.edges(first).1 - from;
        self.partial[last] += to - self.bins.edges(last).0;
        self.full[first + 1] += 1;
        self.full[last] -= 1;
    }

    /// The number of there that were at once in each bin, on average over its time.
    pub(crate) fn means(&self) -> Vec<f64> {
        let width = self.bins.width_us() as f64;
        let mut full = 0;
        let each = self.partial.iter().zip(&self.full);
        each.map(|(partial, change)| {
            full += change;
            full as f64 + *partial as f64 / width
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Bins, Occupancy, nice};
    use crate::time::Micros;

    #[test]
    fn widths_are_round() {
        for (least, expected) in [(1, 1), (3, 5), (20, 20), (21, 50), (51, 100), (123_456, 200_000)] {
            assert_eq!(nice(least), expected);
        }
    }

    #[test]
    fn bins_hold_blocks() {
        let mut result = crate::record::Recorder::new(crate::protocol::REFERENCE)
            .finish(facts())
            .0;
        for (block, interval, expected) in [
            (None, None, 200_000),
            (Some(300_000), None, 300_000),
            (Some(1_000_000), Some(1_050_000), 1_000_000),
            (Some(1_000_000), Some(1_250_000), 5_000_000),
            (None, Some(1_000_000), 5_000_000),
        ] {
            result.chain.block_time_us = block;
            assert_eq!(
                Bins::of(&result, interval).width_us(),
                expected,
                "{block:?} {interval:?}"
            );
        }
    }

    /// Facts of a run of 20 s.
    fn facts() -> crate::record::RunFacts {
        crate::record::RunFacts {
            scenario: Default::default(),
            started_at: None,
            clock: Default::default(),
            chain: Default::default(),
            stop_reason: Default::default(),
            stop_message: None,
            duration: Micros(20_000_000),
            setup_end: None,
            load_start: None,
            node: None,
            faults: None,
            checked: Default::default(),
        }
    }

    #[test]
    fn occupancy_is_the_overlap_with_each_bin() {
        let bins = Bins { width: 10, count: 4 };
        let mut occupancy = Occupancy::new(bins);
        for (from, to) in [(0, 40), (5, 8), (5, 35), (12, 100), (30, 30), (90, 95)] {
            occupancy.add(Micros(from), Micros(to));
        }
        assert_eq!(
            occupancy.means(),
            [1.0 + 0.3 + 0.5, 1.0 + 1.0 + 0.8, 3.0, 1.0 + 0.5 + 1.0]
        );
    }
}

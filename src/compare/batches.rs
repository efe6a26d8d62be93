//! Blocks → batches that are as good as independent of each other: what a comparison resamples.
//!
//! Transactions of one block share their fate, and neighbouring blocks are alike: the queue that one leaves is the next
//! one's. So neither is resampled, but batches of neighbouring blocks, long enough that one batch tells nothing of the
//! next. This is the method of batch means of simulation output analysis (L. Schmeiser, "Batch size effects in the
//! analysis of simulation output", Operations Research 30, 1982: 10 to 30 batches lose little) as a block bootstrap
//! (E. Carlstein, "The use of subseries values …", Annals of Statistics 14, 1986).

use super::sample::{Sample, Values};

/// Batches of a run at most.
const MOST: usize = 40;
/// Batches of the baseline or the candidate at most, over all of its runs.
const MOST_OF_SIDE: usize = 320;
/// Batches of a run at least, if it has the blocks for them: with fewer, what they say of their own spread is worth little.
const LEAST: usize = 10;
/// Blocks of a batch at least.
const BLOCKS: usize = 2;
/// Correlation of neighbours above which batches are made longer.
const ALIKE: f64 = 0.2;
/// The correlation that is reckoned with at most.
const LARGEST: f64 = 0.8;

/// The batches of one quantity, of baseline or candidate.
#[derive(Debug)]
pub(super) struct Batches {
    /// The batches of every run.
    pub(super) runs: Vec<Vec<Values>>,
    /// Correlation of neighbouring batches, 0 to [`LARGEST`].
    pub(super) correlation: f64,
}

impl Batches {
    /// Cuts the runs into batches: many at first, and half as many as long as neighbours are still alike.
    pub(super) fn of(samples: &[&Sample]) -> Self {
        let mut most = (MOST_OF_SIDE / samples.len().max(1)).clamp(LEAST / 2, MOST);
        let longest = samples.iter().map(|sample| sample.blocks() / BLOCKS).max();
        most = most.min(longest.unwrap_or_default().max(1));
        loop {
            let cut = |sample: &&Sample| sample.batches(most.min((sample.blocks() / BLOCKS).max(1)));
            let runs: Vec<Vec<Values>> = samples.iter().map(cut).collect();
            let correlation = correlation(&runs);
            if correlation <= ALIKE || most / 2 < LEAST {
                return Self { runs, correlation };
            }
            most /= 2;
        }
    }

    /// The number of there that are.
    pub(super) fn count(&self) -> usize {
        self.runs.iter().map(Vec::len).sum()
    }

    /// All values.
    pub(super) fn all(&self) -> Values {
        let mut all = Values::default();
        self.runs.iter().flatten().for_each(|batch| all.add(batch));
        all
    }

    /// How much more the square of a standard error is than if neighbours were independent (that of an AR(1) series).
    pub(super) fn variance_inflation(&self) -> f64 {
        (1.0 + self.correlation) / (1.0 - self.correlation)
    }
}

/// The correlation of neighbouring batches of a run: that of their means, or of their shares of slow values, whichever
/// is larger; the mean of all runs.
fn correlation(runs: &[Vec<Values>]) -> f64 {
    let mut all = Values::default();
    runs.iter().flatten().for_each(|batch| all.add(batch));
    let slow = all.quantile_bin(0.9).unwrap_or_default();
    let means = |run: &[Values]| run.iter().map(Values::mean).collect::<Vec<_>>();
    let tails = |run: &[Values]| {
        let share = |batch: &Values| {
            let above: u64 = batch.bins.range(slow + 1..).map(|(_, count)| count).sum();
            above as f64 / batch.count.max(1) as f64
        };
        run.iter().map(share).collect::<Vec<_>>()
    };
    let runs: Vec<&Vec<Values>> = runs.iter().filter(|run| run.len() > 2).collect();
    let mean = |series: &dyn Fn(&[Values]) -> Vec<f64>| {
        let sum: f64 = runs.iter().map(|run| lag_one(&series(run))).sum();
        sum / runs.len().max(1) as f64
    };
    mean(&means).max(mean(&tails)).clamp(0.0, LARGEST)
}

/// The lag-1 autocorrelation of a series, its bias of about −1/n taken away; 0 of one that never changes.
fn lag_one(series: &[f64]) -> f64 {
    let n = series.len() as f64;
    let mean = series.iter().sum::<f64>() / n;
    let squares: f64 = series.iter().map(|x| (x - mean).powi(2)).sum();
    // What is left of a series of equal numbers is rounding.
    if squares <= (mean * 1e-9).powi(2) * n {
        return 0.0;
    }
    let products: f64 = series
        .windows(2)
        .map(|pair| (pair[0] - mean) * (pair[1] - mean))
        .sum();
    products / squares + 1.0 / n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Micros;

    fn sample(values: impl IntoIterator<Item = u64>) -> Sample {
        let values: Vec<u64> = values.into_iter().collect();
        let mut sample = Sample::new(Micros(values.len() as u64));
        for (block, value) in (0..).zip(values) {
            sample.record(Micros(block), value);
        }
        sample
    }

    #[test]
    fn blocks_that_are_alike_are_put_together() {
        // The same noise, once block by block and once as waves of 50 blocks.
        let noise = |seed: u64| (seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) % 1_000;
        let free = Batches::of(&[&sample((0..400).map(noise))]);
        let waves = Batches::of(&[&sample((0..400).map(|block| noise(block / 50)))]);
        assert!(free.count() > waves.count(), "{} {}", free.count(), waves.count());
        assert!(free.variance_inflation() < 1.6);
        let drift = Batches::of(&[&sample(0..400)]);
        assert_eq!(drift.count(), 10);
        assert!(drift.variance_inflation() > 4.0, "{}", drift.correlation);
    }

    #[test]
    fn nothing_is_lost_and_little_is_not_cut() {
        let batches = Batches::of(&[&sample([5; 7]), &sample([9; 100])]);
        assert_eq!(batches.all().count, 107);
        assert_eq!((batches.runs[0].len(), batches.runs[1].len()), (3, 40));
        assert_eq!(batches.correlation, 0.0);
        assert_eq!(Batches::of(&[&sample([])]).count(), 0);
    }
}

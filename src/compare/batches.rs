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
        let [batches] = Self::cut([samples], |most| {
            let cut = |sample: &&Sample| sample.batches(most.min(most_of(sample)));
            [samples.iter().map(cut).collect()]
        });
        batches
    }

    /// Cuts pairs of runs into batches at the same moments. What neighbours have in common is that of the differences.
    pub(super) fn paired(base: &[&Sample], new: &[&Sample]) -> [Self; 2] {
        Self::cut([base, new], |most| {
            let pairs = base.iter().zip(new);
            let cut =
                pairs.map(|(old, now)| old.paired_batches(now, most.min(most_of(old)).min(most_of(now))));
            let (old, now) = cut.map(|[old, now]| (old, now)).unzip();
            [old, now]
        })
    }

    fn cut<const N: usize>(
        samples: [&[&Sample]; N],
        cut: impl Fn(usize) -> [Vec<Vec<Values>>; N],
    ) -> [Self; N] {
        let runs = samples
            .iter()
            .map(|samples| samples.len())
            .max()
            .unwrap_or_default();
        let longest = samples
            .iter()
            .flat_map(|samples| samples.iter())
            .map(|sample| most_of(sample));
        let mut most = (MOST_OF_SIDE / runs.max(1)).clamp(LEAST / 2, MOST);
        most = most.min(longest.max().unwrap_or(1));
        loop {
            let runs = cut(most);
            let correlation = correlation(runs.each_ref().map(Vec::as_slice));
            if correlation <= ALIKE || most / 2 < LEAST {
                return runs.map(|runs| Self { runs, correlation });
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

/// Most batches of a run, by its blocks.
fn most_of(sample: &Sample) -> usize {
    sample.blocks().max(1)
}

/// The correlation of neighbouring batches of a run, or of the differences of two: that of their means, or of their shares
/// of slow values, whichever is larger; the mean of all runs.
fn correlation<const N: usize>(samples: [&[Vec<Values>]; N]) -> f64 {
    let mut all = Values::default();
    let batches = samples.iter().flat_map(|runs| runs.iter().flatten());
    batches.for_each(|batch| all.add(batch));
    let slow = all.quantile_bin(0.9).unwrap_or_default();
    let tail = |batch: &Values| {
        let above: u64 = batch.bins.range(slow + 1..).map(|(_, values)| values.count).sum();
        above as f64 / batch.count.max(1) as f64
    };
    let runs = samples.first().map_or(0, |runs| runs.len());
    let series = |run: usize, of: &dyn Fn(&Values) -> f64| -> Vec<f64> {
        let length = samples.iter().filter_map(|runs| Some(runs.get(run)?.len())).min();
        let at = |place: usize| {
            let mut batches = samples.iter().filter_map(|runs| runs.get(run)?.get(place));
            let (first, second) = (batches.next(), batches.next());
            match (first, second) {
                (Some(old), Some(now)) if old.count > 0 && now.count > 0 => of(now) - of(old),
                (Some(one), None) => of(one),
                _ => 0.0,
            }
        };
        (0..length.unwrap_or_default()).map(at).collect()
    };
    let mean = |of: &dyn Fn(&Values) -> f64| {
        let series = (0..runs)
            .map(|run| series(run, of))
            .filter(|series| series.len() > 2);
        let lags: Vec<f64> = series.map(|series| lag_one(&series)).collect();
        lags.iter().sum::<f64>() / lags.len().max(1) as f64
    };
    mean(&Values::mean).max(mean(&tail)).clamp(0.0, LARGEST)
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
        assert_eq!((batches.runs[0].len(), batches.runs[1].len()), (7, 40));
        assert_eq!(batches.correlation, 0.0);
        assert_eq!(Batches::of(&[&sample([])]).count(), 0);
    }
}

//! The bootstrap: how much a percentile or a mean would differ if other batches, of other runs, had been measured.

use rand::{Rng, RngExt, SeedableRng, rngs::ChaCha8Rng};

use super::{
    batches::Batches,
    sample::{Bin, Values, rank},
};

/// What is estimated of a quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Estimator {
    /// The smallest value that at least this share of all values does not exceed.
    Quantile(f64),
    /// The mean.
    Mean,
}

/// An estimate and what it was in every resample.
#[derive(Debug)]
pub(super) struct Estimate {
    pub(super) value: f64,
    pub(super) replicates: Vec<f64>,
    /// The variance of the estimate, all that is known of it taken together.
    pub(super) variance: f64,
    /// How far a resample is from the estimate, in terms of how far an estimate is from the truth.
    pub(super) stretch: f64,
    /// Degrees of freedom of the variance.
    pub(super) freedom: f64,
}

impl Estimate {
    /// How far a resample is from the estimate, made as wide as estimates are from the truth.
    pub(super) fn stretched(&self, replicate: f64) -> f64 {
        (replicate - self.value) * self.stretch
    }
}

/// Estimates each of `estimators` from `batches`, and again from `resamples` resamples. `stream` keeps the random
/// choices of one comparison's parts apart.
pub(super) fn estimate(
    batches: &Batches,
    estimators: &[Estimator],
    resamples: usize,
    seed: u64,
    stream: u64,
) -> Vec<Estimate> {
    let table = Table::of(batches);
    resample(
        &table,
        batches,
        estimators,
        resamples,
        (seed, stream),
        |estimator, drawn| table.estimate(estimator, drawn),
    )
}

/// The same of the differences between `new` and `base`, whose batches are pairs: of both, the same are drawn.
pub(super) fn estimate_paired(
    [base, new]: [&Batches; 2],
    estimators: &[Estimator],
    resamples: usize,
    seed: u64,
) -> Vec<Estimate> {
    let (old, now) = (Table::of(base), Table::of(new));
    resample(
        &old,
        base,
        estimators,
        resamples,
        (seed, 0),
        |estimator, drawn| now.estimate(estimator, drawn) - old.estimate(estimator, drawn),
    )
}

/// Estimates, from all batches of `table` and from resamples of them. `of` is an estimate from batches, each as often as it
/// was drawn.
fn resample(
    table: &Table,
    batches: &Batches,
    estimators: &[Estimator],
    resamples: usize,
    (seed, stream): (u64, u64),
    of: impl Fn(Estimator, &[(usize, u64)]) -> f64,
) -> Vec<Estimate> {
    let whole: Vec<(usize, u64)> = (0..table.batches.len()).map(|batch| (batch, 1)).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    let mut replicates = vec![Vec::with_capacity(resamples); estimators.len()];
    let mut weights = vec![0; table.batches.len()];
    for _ in 0..resamples {
        let drawn = table.draw(&mut rng, &mut weights);
        for (estimator, replicates) in estimators.iter().zip(&mut replicates) {
            replicates.push(of(*estimator, &drawn));
        }
    }
    let finish = |(estimator, replicates): (&Estimator, Vec<f64>)| {
        let by_run: Vec<f64> = table
            .runs
            .iter()
            .map(|run| {
                let of_run: Vec<_> = run.clone().map(|batch| (batch, 1)).collect();
                of(*estimator, &of_run)
            })
            .collect();
        spread(of(*estimator, &whole), replicates, &by_run, batches)
    };
    estimators.iter().zip(replicates).map(finish).collect()
}

/// What the resamples and the runs say of an estimate's error.
///
/// Resampling n units understates a variance by (n − 1)/n. Of several runs, those are the units whose spread counts
/// as soon as they differ by more than their own batches explain; the degrees of freedom are Satterthwaite's for the two parts.
fn spread(value: f64, replicates: Vec<f64>, by_run: &[f64], batches: &Batches) -> Estimate {
    let of_resamples = variance(&replicates);
    let (runs, units) = (by_run.len() as f64, batches.count() as f64);
    let inner = (units - runs).max(1.0);
    let (mut variance_of_it, mut freedom) = (of_resamples * units / inner, inner);
    if by_run.len() > 1 {
        let of_runs = variance(by_run) * runs / (runs - 1.0);
        let within = (of_resamples * runs - of_runs * (runs - 1.0) / runs).max(0.0);
        let between = (of_runs - within).max(0.0);
        variance_of_it = variance_of_it.max(of_runs / runs);
        let parts = between.powi(2) / (runs - 1.0) + within.powi(2) / inner;
        if parts > 0.0 {
            freedom = ((between + within).powi(2) / parts).clamp(1.0, inner);
        }
    }
    variance_of_it *= batches.variance_inflation();
    Estimate {
        value,
        stretch: if of_resamples > 0.0 {
            (variance_of_it / of_resamples).sqrt()
        } else {
            1.0
        },
        variance: variance_of_it,
        replicates,
        freedom,
    }
}

/// The population's variance; 0 of nothing.
fn variance(values: &[f64]) -> f64 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n
}

/// The batches of baseline or candidate with running counts over all bins, so that a percentile of any resample is found by bisection.
struct Table {
    bins: Vec<Bin>,
    batches: Vec<BatchRow>,
    runs: Vec<std::ops::Range<usize>>,
}

struct BatchRow {
    /// The number of values that are in each bin or below.
    up_to: Vec<u64>,
    count: u64,
    sum: f64,
}

impl Table {
    fn of(batches: &Batches) -> Self {
        let all = batches.all().bins;
        let row = |batch: &Values| {
            let mut seen = 0;
            let running = all.keys().map(|bin| {
                seen += batch.bins.get(bin).map_or(0, |values| values.count);
                seen
            });
            BatchRow {
                up_to: running.collect(),
                count: batch.count,
                sum: batch.sum as f64,
            }
        };
        let rows: Vec<BatchRow> = batches.runs.iter().flatten().map(row).collect();
        let mut first = 0;
        let range = |run: &Vec<Values>| {
            let range = first..first + run.len();
            first = range.end;
            range
        };
        let runs = batches.runs.iter().map(range).collect();
        Self {
            bins: all.into_values().collect(),
            batches: rows,
            runs,
        }
    }

    /// As many runs as there are, drawn with replacement, and of each as many batches as it has. A single run stays.
    fn draw(&self, rng: &mut impl Rng, weights: &mut [u64]) -> Vec<(usize, u64)> {
        weights.fill(0);
        for run in &self.runs {
            let run = match self.runs.len() {
                1 => run,
                runs => &self.runs[rng.random_range(0..runs)],
            };
            for _ in run.clone() {
                weights[rng.random_range(run.clone())] += 1;
            }
        }
        let drawn = weights.iter().copied().enumerate();
        drawn.filter(|(_, weight)| *weight > 0).collect()
    }

    fn estimate(&self, estimator: Estimator, drawn: &[(usize, u64)]) -> f64 {
        let total = |of: &dyn Fn(&BatchRow) -> u64| -> u64 {
            drawn
                .iter()
                .map(|(batch, weight)| weight * of(&self.batches[*batch]))
                .sum()
        };
        match estimator {
            Estimator::Mean => {
                let sum: f64 = drawn
                    .iter()
                    .map(|(batch, weight)| *weight as f64 * self.batches[*batch].sum)
                    .sum();
                sum / total(&|row| row.count).max(1) as f64
            }
            Estimator::Quantile(quantile) => {
                let rank = rank(quantile, total(&|row| row.count));
                let (mut low, mut high) = (0, self.bins.len().saturating_sub(1));
                while low < high {
                    let middle = usize::midpoint(low, high);
                    if total(&|row| row.up_to[middle]) >= rank {
                        high = middle;
                    } else {
                        low = middle + 1;
                    }
                }
                self.bins.get(low).map_or(0.0, |bin| bin.mean())
            }
        }
    }
}

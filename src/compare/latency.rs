//! Comparison of latencies, with confidence intervals.

use serde::Serialize;

use super::{
    CompareSettings,
    batches::Batches,
    bootstrap::{Estimator, estimate},
    interval::{Interval, difference},
    load::Measured,
    rank::{cliffs_delta, p_value},
    sample::{Sample, Values},
    verdict::Verdict,
};
use crate::{
    metric::{Metric, Quantity, Statistic},
    protocol::being_read,
    record::TASKS_CSV,
    run_folder::RunFolder,
};

/// Batches of baseline and candidate at least.
const LEAST_BATCHES: usize = 8;
/// Values beyond a percentile at least: of fewer, one more or less decides it.
const LEAST_BEYOND: f64 = 5.0;
/// Differences of latencies that never matter, in µs: a chain's own times are far longer.
const NEGLIGIBLE_US: f64 = 1_000.0;

/// One quantity: how long a phase's transactions or a stretch of tasks' lives took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LatencyChange {
    /// Its name; its metrics' names begin with it.
    pub quantity: String,
    /// Values in the baseline and the candidate.
    pub values: [u64; 2],
    /// Runs of the baseline and the candidate that have such values.
    pub runs: [usize; 2],
    /// Batches of neighbouring blocks that were resampled, in the baseline and the candidate.
    pub batches: [usize; 2],
    /// Cliff's delta: how often a value of the candidate is larger than one of the baseline, less how often it is smaller; −1 to 1.
    pub cliffs_delta: Option<f64>,
    /// The p-value of the Mann–Whitney test on the medians of batches, adjusted for all such tests (Holm).
    pub rank_test_p: Option<f64>,
    /// Its mean, if that is compared, and its percentiles.
    pub metrics: Vec<LatencyMetric>,
}

impl LatencyChange {
    /// Whether the baseline measured it and the candidate did not.
    #[must_use]
    pub const fn has_vanished(&self) -> bool {
        self.values[0] > 0 && self.values[1] == 0
    }
}

/// A percentile or the mean.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LatencyMetric {
    /// Its name.
    pub metric: String,
    /// What it was, in µs.
    pub base_us: Option<f64>,
    /// What it is, in µs.
    pub new_us: Option<f64>,
    /// The difference, in µs.
    pub change_us: Option<f64>,
    /// The same over what it was.
    pub change_ratio: Option<f64>,
    /// The interval of the difference, in µs: all intervals of the comparison together hold with its confidence.
    pub interval_us: Option<Interval>,
    /// The same over what it was.
    pub interval_ratio: Option<Interval>,
    /// The outcome of it.
    pub verdict: Verdict,
    /// The reason why there is not enough data.
    pub reason: Option<String>,
    #[serde(skip)]
    pub(super) is: Metric,
}

/// One quantity of baseline and candidate, not compared yet.
pub(super) struct Pair<'a> {
    quantity: Quantity,
    base: Vec<&'a Sample>,
    new: Vec<&'a Sample>,
    statistics: Vec<Statistic>,
    /// Whether baseline and candidate made the very same calls.
    same_calls: bool,
}

impl<'a> Pair<'a> {
    /// All that was measured on the baseline or the candidate; of transactions or tasks only if every run has rows of them. `same_calls`
    /// says that baseline and candidate made the very same calls.
    pub(super) fn all(
        base: &'a [Measured],
        new: &'a [Measured],
        same_calls: bool,
        settings: &CompareSettings,
    ) -> Vec<Self> {
        let of = |runs: &'a [Measured], quantity| -> Vec<&'a Sample> {
            runs.iter().filter_map(|run| run.latency.get(&quantity)).collect()
        };
        let has_transactions = base.iter().chain(new).all(|run| run.has_transactions);
        let has_tasks = base.iter().chain(new).all(|run| run.has_tasks);
        let pair = |quantity| Pair {
            quantity,
            base: of(base, quantity),
            new: of(new, quantity),
            statistics: settings.statistics(quantity),
            same_calls,
        };
        let pairs = Quantity::all().into_iter().map(pair);
        pairs
            .filter(|pair| !pair.base.is_empty() || !pair.new.is_empty())
            .filter(|pair| match pair.quantity {
                Quantity::Span(_) => has_tasks,
                _ => has_transactions,
            })
            .collect()
    }

    /// How many intervals it takes.
    pub(super) fn intervals(&self) -> usize {
        self.statistics.len()
    }

    /// Compares; every interval is to be wrong with a probability of at most `alpha`.
    pub(super) fn compare(&self, alpha: f64, margin: f64, settings: &CompareSettings) -> LatencyChange {
        let (base, new) = (Batches::of(&self.base), Batches::of(&self.new));
        let (of_base, of_new) = (base.all(), new.all());
        let metric = |statistic| self.metric(statistic, &of_base, &of_new);
        let mut metrics: Vec<LatencyMetric> = self.statistics.iter().copied().map(metric).collect();
        let few = too_few(&base, &new);
        // Simulations of the same calls are paired, value by value. Elsewhere, and of a single value, the same numbers may
        // be chance.
        let is_same = self.base == self.new && of_base.count > 1 && (self.same_calls || few.is_none());
        if is_same {
            for metric in &mut metrics {
                let nothing = Interval { low: 0.0, high: 0.0 };
                metric.settle(nothing, 0.0);
            }
        } else if settings.exact && self.same_calls && of_base.count > 0 && of_new.count > 0 {
            for metric in &mut metrics {
                let change = metric.change_us.unwrap_or_default();
                let exact = Interval {
                    low: change,
                    high: change,
                };
                metric.settle(exact, margin);
            }
        } else if let Some(reason) = few {
            metrics
                .iter_mut()
                .for_each(|metric| metric.reason = Some(reason.clone()));
        } else {
            let estimator =
                |statistic: &Statistic| statistic.quantile().map_or(Estimator::Mean, Estimator::Quantile);
            let estimators: Vec<_> = self.statistics.iter().map(estimator).collect();
            let estimates = |batches, sample| {
                let stream = settings.stream(Metric::Statistic(self.quantity, Statistic::P50), sample);
                estimate(batches, &estimators, settings.resamples, settings.seed, stream)
            };
            let pairs = estimates(&base, 0).into_iter().zip(estimates(&new, 1));
            let fewest = of_base.count.min(of_new.count) as f64;
            for ((metric, estimator), (old, now)) in metrics.iter_mut().zip(&estimators).zip(pairs) {
                metric.settle(difference(&old, &now, alpha), margin);
                let Estimator::Quantile(quantile) = estimator else {
                    continue;
                };
                let beyond = fewest * (1.0 - quantile);
                if beyond < LEAST_BEYOND {
                    metric.verdict = Verdict::NotEnoughData;
                    (metric.interval_us, metric.interval_ratio) = (None, None);
                    metric.reason = Some(format!("only {beyond:.0} values lie beyond the percentile"));
                }
            }
        }
        LatencyChange {
            quantity: self.quantity.to_string(),
            values: [of_base.count, of_new.count],
            runs: [self.base.len(), self.new.len()],
            batches: [base.count(), new.count()],
            cliffs_delta: cliffs_delta(&of_base, &of_new),
            rank_test_p: p_value(&base, &new),
            metrics,
        }
    }

    /// The measurement, before anything is said of it.
    fn metric(&self, statistic: Statistic, base: &Values, new: &Values) -> LatencyMetric {
        let value = |values: &Values| match statistic.quantile() {
            Some(quantile) => values.quantile_bin(quantile).map(super::bins::middle),
            None => (values.count > 0).then(|| values.mean()),
        };
        LatencyMetric::new(
            Metric::Statistic(self.quantity, statistic),
            value(base),
            value(new),
        )
    }
}

impl LatencyMetric {
    /// A metric of which nothing is said yet.
    fn new(is: Metric, base_us: Option<f64>, new_us: Option<f64>) -> Self {
        let change_us = base_us.zip(new_us).map(|(old, now)| now - old);
        Self {
            metric: is.name(),
            base_us,
            new_us,
            change_us,
            change_ratio: super::ratio(change_us, base_us),
            interval_us: None,
            interval_ratio: None,
            verdict: Verdict::NotEnoughData,
            reason: None,
            is,
        }
    }

    /// Judges by the interval; changes of up to the share `margin` of what it was do not count.
    fn settle(&mut self, interval: Interval, margin: f64) {
        let base = self.base_us.unwrap_or_default();
        let margin_us = (base * margin).max(NEGLIGIBLE_US);
        self.interval_us = Some(interval);
        self.interval_ratio = (base > 0.0).then(|| interval.over(base));
        self.verdict = Verdict::within(interval, margin_us);
        self.reason = (self.verdict == Verdict::NotEnoughData)
            .then(|| "the interval holds both no change and more than the margin".to_owned());
    }
}

/// Latencies of runs without rows of transactions, or of tasks: what their summaries say, the mean of several runs. `file`
/// is the table that is missing.
pub(super) fn of_summaries(
    base: &[RunFolder],
    new: &[RunFolder],
    file: &str,
    settings: &CompareSettings,
) -> Vec<LatencyChange> {
    let quantities: Vec<Quantity> = if file == TASKS_CSV {
        being_read().spans.iter().copied().map(Quantity::Span).collect()
    } else {
        let phases = being_read().under_load();
        let of = |phase| [Quantity::Response(phase), Quantity::Service(phase)];
        phases.flat_map(of).collect()
    };
    let mean = |runs, is| super::figures::mean(&super::figures::values(runs, is));
    let change = |quantity| {
        let metric = |statistic| {
            let is = Metric::Statistic(quantity, statistic);
            let metric = LatencyMetric::new(is, mean(base, is), mean(new, is));
            LatencyMetric {
                reason: Some(format!("{file} is missing: no data by block")),
                ..metric
            }
        };
        let count = Metric::Statistic(quantity, Statistic::Count);
        let counts = |runs: &[RunFolder]| -> Vec<f64> {
            let counts = runs.iter().filter_map(|run| count.of(run.result()));
            counts.filter(|count| *count > 0.0).collect()
        };
        let counts = [counts(base), counts(new)];
        LatencyChange {
            quantity: quantity.to_string(),
            values: counts.each_ref().map(|counts| counts.iter().sum::<f64>() as u64),
            runs: counts.each_ref().map(Vec::len),
            batches: [0; 2],
            cliffs_delta: None,
            rank_test_p: None,
            metrics: settings.statistics(quantity).into_iter().map(metric).collect(),
        }
    };
    let changes = quantities.into_iter().map(change);
    changes.filter(|change| change.values != [0, 0]).collect()
}

/// The reason why there is too little to resample.
pub(super) fn too_few(base: &Batches, new: &Batches) -> Option<String> {
    match (base.count(), new.count()) {
        (0, _) => return Some("the baseline has no such values".to_owned()),
        (_, 0) => return Some("the candidate no longer has such values".to_owned()),
        _ => {}
    }
    for (sample, batches) in [("the baseline", base), ("the candidate", new)] {
        let count = batches.count();
        if count < LEAST_BATCHES {
            return Some(format!(
                "{sample} has {count} batches of blocks with such values, {LEAST_BATCHES} needed; run for longer"
            ));
        }
    }
    None
}

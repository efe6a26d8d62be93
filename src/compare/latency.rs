//! Comparison of latencies, with confidence intervals.

use serde::Serialize;

use super::{
    CompareSettings,
    batches::Batches,
    bins::RESOLUTION,
    bootstrap::Estimator,
    comparability::Comparability,
    interval::{Interval, differences},
    kind::LatencyKind,
    load::Measured,
    rank::{cliffs_delta, p_value},
    sample::{Sample, Values},
    verdict::Verdict,
};
use crate::metric::Statistic;

/// Batches of baseline and candidate at least.
const LEAST_BATCHES: usize = 8;
/// Values beyond a percentile at least: of fewer, one more or less decides it.
const LEAST_BEYOND: f64 = 5.0;
/// Differences of latencies that never matter, in µs: a chain's own times are far longer.
const NEGLIGIBLE_US: f64 = 1_000.0;
/// The share of a change that blocks must account for, so that it is none of the place between two blocks alone.
const EXPLAINED: f64 = 0.5;

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
    pub(super) is: (LatencyKind, Statistic),
}

/// One latency of baseline and candidate, not compared yet.
pub(super) struct Pair<'a> {
    kind: LatencyKind,
    base: Vec<&'a Sample>,
    new: Vec<&'a Sample>,
    statistics: Vec<Statistic>,
    /// Whether baseline and candidate made the very same calls.
    same_calls: bool,
    /// Whether the runs are pairs of the same seed.
    paired: bool,
    /// How long transactions were passed over by blocks, in baseline and candidate.
    passed_over: [Values; 2],
}

impl<'a> Pair<'a> {
    /// All that was measured on the baseline or the candidate; of transactions or tasks only if every run has rows of them.
    pub(super) fn all(
        base: &'a [Measured],
        new: &'a [Measured],
        comparability: &Comparability,
        settings: &CompareSettings,
    ) -> Vec<Self> {
        let of = |runs: &'a [Measured], kind| -> Vec<&'a Sample> {
            runs.iter().filter_map(|run| run.latency.get(&kind)).collect()
        };
        let has_transactions = base.iter().chain(new).all(|run| run.has_transactions);
        let has_tasks = base.iter().chain(new).all(|run| run.has_tasks);
        let pair = |kind| {
            let (old, now) = (of(base, kind), of(new, kind));
            Pair {
                kind,
                // Of a pair, both runs have such values.
                paired: comparability.paired && old.len() == base.len() && now.len() == new.len(),
                base: old,
                new: now,
                statistics: settings.statistics(kind),
                same_calls: comparability.same_calls,
                passed_over: [base, new].map(|runs| passed_over(runs, kind)),
            }
        };
        let pairs = LatencyKind::all().into_iter().map(pair);
        pairs
            .filter(|pair| !pair.base.is_empty() || !pair.new.is_empty())
            .filter(|pair| {
                if pair.kind.is_of_tasks() {
                    has_tasks
                } else {
                    has_transactions
                }
            })
            .collect()
    }

    /// Whether it has the values of `other`: nothing waited between being meant and being sent.
    fn is_copy_of(&self, other: &Self) -> bool {
        let is_pair = matches!((self.kind, other.kind), (LatencyKind::Service(one), LatencyKind::Response(two)) if one == two);
        is_pair && self.base == other.base && self.new == other.new && self.statistics == other.statistics
    }

    /// What was found of one with the same values, as what is to be said of this one.
    fn copied(&self, found: &LatencyChange) -> LatencyChange {
        let mut copy = found.clone();
        copy.quantity = self.kind.to_string();
        for (metric, statistic) in copy.metrics.iter_mut().zip(&self.statistics) {
            metric.metric = format!("{}.{}", self.kind, statistic.name());
            metric.is = (self.kind, *statistic);
        }
        copy
    }

    /// How many intervals it takes.
    pub(super) fn intervals(&self) -> usize {
        self.statistics.len()
    }

    /// Compares; every interval is to be wrong with a probability of at most `alpha`.
    pub(super) fn compare(&self, alpha: f64, margin: f64, settings: &CompareSettings) -> LatencyChange {
        let [base, new] = if self.paired {
            Batches::paired(&self.base, &self.new)
        } else {
            [Batches::of(&self.base), Batches::of(&self.new)]
        };
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
            let fewest = of_base.count.min(of_new.count) as f64;
            let intervals = self.intervals_of(&base, &new, alpha, settings);
            for ((metric, statistic), interval) in metrics.iter_mut().zip(&self.statistics).zip(intervals) {
                // Resamples that all end in one bin do not tell where in it.
                let resolution = match statistic.quantile() {
                    Some(_) => metric.base_us.unwrap_or_default() * RESOLUTION,
                    None => 0.0,
                };
                metric.settle(interval.widened(resolution), margin);
                let Some(quantile) = statistic.quantile() else {
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
        for (metric, statistic) in metrics.iter_mut().zip(&self.statistics) {
            self.tell_shift(metric, *statistic);
        }
        LatencyChange {
            quantity: self.kind.to_string(),
            values: [of_base.count, of_new.count],
            runs: [self.base.len(), self.new.len()],
            batches: [base.count(), new.count()],
            cliffs_delta: cliffs_delta(&of_base, &of_new),
            rank_test_p: p_value(&base, &new),
            metrics,
        }
    }

    /// The interval of every statistic's difference.
    fn intervals_of(
        &self,
        base: &Batches,
        new: &Batches,
        alpha: f64,
        settings: &CompareSettings,
    ) -> Vec<Interval> {
        let estimator =
            |statistic: &Statistic| statistic.quantile().map_or(Estimator::Mean, Estimator::Quantile);
        let estimators: Vec<_> = self.statistics.iter().map(estimator).collect();
        differences([base, new], self.paired, &estimators, alpha, settings)
    }

    /// The measurement, before anything is said of it.
    fn metric(&self, statistic: Statistic, base: &Values, new: &Values) -> LatencyMetric {
        LatencyMetric::new(
            self.kind,
            statistic,
            value(base, statistic),
            value(new, statistic),
        )
    }

    /// Withdraws a verdict on a transaction's time that its place between two blocks explains: the time changed, and how
    /// long blocks passed over it did not change with it.
    fn tell_shift(&self, metric: &mut LatencyMetric, statistic: Statistic) {
        if !matches!(metric.verdict, Verdict::Worse | Verdict::Better) {
            return;
        }
        let change = metric.change_us.unwrap_or_default();
        let [base, new] = &self.passed_over;
        let moved = |statistic| Some(value(new, statistic)? - value(base, statistic)?);
        let passed_over = [moved(statistic), moved(Statistic::Mean)];
        let follows = |moved: &f64| moved * change.signum() >= change.abs() * EXPLAINED;
        if passed_over
            .iter()
            .all(|moved| moved.is_some_and(|moved| !follows(&moved)))
        {
            metric.verdict = Verdict::Shifted;
            metric.reason = Some(
                "transactions were sent at another point between two blocks, and no later block took them than before"
                    .to_owned(),
            );
        }
    }
}

/// The pairs whose values no other has, and those that have the values of one of them, with its place.
pub(super) fn without_copies(pairs: Vec<Pair<'_>>) -> (Vec<Pair<'_>>, Vec<(usize, Pair<'_>)>) {
    let (mut own, mut copies): (Vec<Pair<'_>>, Vec<_>) = (Vec::new(), Vec::new());
    for pair in pairs {
        match own.iter().position(|other| pair.is_copy_of(other)) {
            Some(place) => copies.push((place, pair)),
            None => own.push(pair),
        }
    }
    (own, copies)
}

/// What was found of pairs, and of the copies of some of them, in the order in which latencies are reported.
pub(super) fn with_copies(
    pairs: &[Pair<'_>],
    found: &[LatencyChange],
    copies: &[(usize, Pair<'_>)],
) -> Vec<LatencyChange> {
    let copied = copies
        .iter()
        .filter_map(|(place, copy)| Some((copy.kind, copy.copied(found.get(*place)?))));
    let own = pairs
        .iter()
        .zip(found)
        .map(|(pair, found)| (pair.kind, found.clone()));
    let mut all: Vec<_> = own.chain(copied).collect();
    let order = LatencyKind::all();
    all.sort_by_key(|(kind, _)| order.iter().position(|known| known == kind));
    all.into_iter().map(|(_, change)| change).collect()
}

/// How long blocks passed over the transactions of a phase, in all runs; nothing of what is no time to a block.
fn passed_over(runs: &[Measured], kind: LatencyKind) -> Values {
    let mut all = Values::default();
    if let LatencyKind::Response(phase) | LatencyKind::Service(phase) = kind {
        let of_runs = runs.iter().filter_map(|run| run.passed_over.get(&phase));
        of_runs.for_each(|values| all.add(values));
    }
    all
}

/// A percentile or the mean; `None` of nothing.
fn value(values: &Values, statistic: Statistic) -> Option<f64> {
    match statistic.quantile() {
        Some(quantile) => values.quantile(quantile),
        None => (values.count > 0).then(|| values.mean()),
    }
}

impl LatencyMetric {
    /// A metric of which nothing is said yet.
    pub(super) fn new(
        kind: LatencyKind,
        statistic: Statistic,
        base_us: Option<f64>,
        new_us: Option<f64>,
    ) -> Self {
        let change_us = base_us.zip(new_us).map(|(old, now)| now - old);
        Self {
            metric: format!("{kind}.{}", statistic.name()),
            base_us,
            new_us,
            change_us,
            change_ratio: super::ratio(change_us, base_us),
            interval_us: None,
            interval_ratio: None,
            verdict: Verdict::NotEnoughData,
            reason: None,
            is: (kind, statistic),
        }
    }

    /// Judges by the interval; changes of up to the share `margin` of what it was do not count.
    fn settle(&mut self, interval: Interval, margin: f64) {
        let base = self.base_us.unwrap_or_default();
        let margin_us = (base * margin).max(NEGLIGIBLE_US);
        let interval = interval.not_below(base);
        self.interval_us = Some(interval);
        self.interval_ratio = (base > 0.0).then(|| interval.over(base));
        self.verdict = Verdict::within(interval, margin_us);
        self.reason = (self.verdict == Verdict::NotEnoughData)
            .then(|| "the interval holds both no change and more than the margin".to_owned());
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{protocol::being_read, time::Micros};

    /// 20 transactions in each of 40 blocks, which took so long.
    fn sample(took: impl Fn(u64) -> u64) -> Sample {
        let mut sample = Sample::new(Micros(40));
        for block in 0..40 {
            (0..20).for_each(|place| sample.record(Micros(block), took(place)));
        }
        sample
    }

    /// A response time that shrinks or grows by 80 ms is a verdict only if blocks pass transactions over for less or more.
    #[test]
    fn a_place_between_two_blocks_is_no_verdict() {
        let phase = being_read().under_load().next().expect("a phase");
        let long = sample(|place| 500_000 + place * 1_000);
        let short = sample(|place| 420_000 + place * 1_000);
        let settings = CompareSettings {
            resamples: 500,
            ..CompareSettings::default()
        };
        for (base, new, passed_over, verdict) in [
            (&long, &short, [0, 0], Verdict::Shifted),
            (&short, &long, [0, 0], Verdict::Shifted),
            (&short, &long, [100_000, 20_000], Verdict::Shifted),
            (&long, &short, [100_000, 20_000], Verdict::Better),
            (&short, &long, [20_000, 100_000], Verdict::Worse),
            (&long, &long, [20_000, 100_000], Verdict::Same),
        ] {
            let pair = Pair {
                kind: LatencyKind::Response(phase),
                base: vec![base],
                new: vec![new],
                statistics: vec![Statistic::P50, Statistic::P90],
                same_calls: false,
                paired: false,
                passed_over: passed_over.map(|us| sample(|_| us).batches(1).pop().unwrap_or_default()),
            };
            let change = pair.compare(0.001, 0.02, &settings);
            let verdicts: Vec<_> = change.metrics.iter().map(|metric| metric.verdict).collect();
            assert_eq!(verdicts, [verdict; 2], "{passed_over:?}");
        }
    }
}

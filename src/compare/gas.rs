//! Comparison of gas, exact where gas is exact.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    CompareSettings,
    batches::Batches,
    bootstrap::Estimator,
    comparability::Comparability,
    interval::{Interval, differences},
    latency::too_few,
    load::{GasKey, GasSample, Measured},
    sample::Sample,
    verdict::Verdict,
};
use crate::{
    metric::{Quantity, Scope},
    protocol::being_read,
    record::Stats,
    run_folder::RunFolder,
};

/// The outcome of the gas of a phase's or a function's transactions, those that succeeded or those that reverted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GasChange {
    /// `phase.<name>.gas` or `function.<name>.gas`; with `.reverted` behind it of transactions that reverted.
    pub quantity: String,
    /// `succeeded` or `reverted`; `all` if the folders hold no rows that could tell.
    pub outcome: &'static str,
    /// Whether the difference is known to the unit; otherwise what calls carry differs as well, and `interval` says how
    /// much of the mean's difference that may be.
    pub exact: bool,
    /// The outcome of it: of the mean, and where that is exact and did not change, of the median, maximum and minimum.
    pub verdict: Verdict,
    /// The reason why there is not enough data.
    pub reason: Option<String>,
    /// Runs of the baseline and the candidate that have such transactions.
    pub runs: [usize; 2],
    /// Where the difference of the means lies, in gas: all intervals of the comparison together hold with its confidence.
    pub interval: Option<Interval>,
    /// The same over what the mean was.
    pub interval_ratio: Option<Interval>,
    /// Its numbers.
    pub statistics: Vec<GasStatistic>,
    #[serde(skip)]
    pub(super) is: Quantity,
}

/// A number of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GasStatistic {
    /// `calls`, `min`, `median`, `mean` or `max`.
    pub name: &'static str,
    /// The baseline value; `None` if there was no such transaction, or if it is not known.
    pub base: Option<f64>,
    /// What it is.
    pub new: Option<f64>,
    /// The difference.
    pub change: Option<f64>,
    /// The same over what it was.
    pub change_ratio: Option<f64>,
}

impl GasChange {
    /// A number of it, by its name.
    #[must_use]
    pub fn statistic(&self, name: &str) -> Option<&GasStatistic> {
        self.statistics.iter().find(|statistic| statistic.name == name)
    }

    /// Whether the baseline has such transactions and the candidate does not.
    #[must_use]
    pub fn has_vanished(&self) -> bool {
        let calls = self.statistic("calls");
        calls.is_some_and(|calls| calls.base.is_some() && calls.new.is_none())
    }
}

/// Calls of baseline and candidate at least, where what all of them cost is taken for what every call costs.
const LEAST_CONSTANT: u64 = 3;

/// The gas of one key on baseline and candidate, not compared yet.
pub(super) struct Pair<'a> {
    key: GasKey,
    base: Side<'a>,
    new: Side<'a>,
    exact: bool,
    /// Whether the runs are pairs of the same seed, which both have such transactions.
    paired: bool,
}

struct Side<'a> {
    exact: BTreeMap<u64, u64>,
    by_block: Vec<&'a Sample>,
    senders: Vec<(u64, u64)>,
}

impl<'a> Side<'a> {
    fn of(runs: &'a [Measured], key: GasKey) -> Self {
        let samples: Vec<&GasSample> = runs.iter().filter_map(|run| run.gas.get(&key)).collect();
        let mut exact = BTreeMap::new();
        for (gas, times) in samples.iter().flat_map(|sample| &sample.exact) {
            *exact.entry(*gas).or_default() += times;
        }
        Self {
            exact,
            by_block: samples.iter().map(|sample| &sample.by_block).collect(),
            senders: samples
                .iter()
                .flat_map(|sample| sample.by_sender.values().copied())
                .collect(),
        }
    }

    /// The variance of the mean, if accounts are what differs: what an account pays is decided once, as by its place in a
    /// session, and all of its calls pay it. With its degrees of freedom; `None` of a single account.
    fn variance_by_sender(&self) -> Option<(f64, f64)> {
        let senders = self.senders.len() as f64;
        let calls: u64 = self.senders.iter().map(|(calls, _)| calls).sum();
        let gas: u64 = self.senders.iter().map(|(_, gas)| gas).sum();
        let mean = gas as f64 / calls.max(1) as f64;
        let residual = |(calls, gas): &(u64, u64)| (*gas as f64 - mean * *calls as f64).powi(2);
        let squares: f64 = self.senders.iter().map(residual).sum();
        (senders > 1.0).then(|| {
            let variance = squares / (calls as f64).powi(2) * senders / (senders - 1.0);
            (variance, senders - 1.0)
        })
    }

    fn calls(&self) -> u64 {
        self.exact.values().sum()
    }

    fn numbers(&self) -> Option<[f64; 5]> {
        let (min, max) = (self.exact.keys().next()?, self.exact.keys().next_back()?);
        let calls = self.calls();
        let sum: u128 = self
            .exact
            .iter()
            .map(|(gas, times)| u128::from(*gas) * u128::from(*times))
            .sum();
        let mut seen = 0;
        let median = self.exact.iter().find_map(|(gas, times)| {
            seen += times;
            (seen * 2 >= calls).then_some(*gas)
        })?;
        let mean = sum as f64 / calls as f64;
        Some([calls as f64, *min as f64, median as f64, mean, *max as f64])
    }
}

impl<'a> Pair<'a> {
    /// All that was used on the baseline or the candidate.
    pub(super) fn all(base: &'a [Measured], new: &'a [Measured], comparability: &Comparability) -> Vec<Self> {
        let runs = base.iter().chain(new);
        let keys: BTreeSet<GasKey> = runs.flat_map(|run| run.gas.keys().copied()).collect();
        let pair = |key: GasKey| {
            let runs = [base.len(), new.len()];
            let (base, new) = (Side::of(base, key), Side::of(new, key));
            // Calls that all cost the same leave no doubt either, if they are many and succeed: what a call costs that reverts
            // depends on where it does.
            let constant = base.exact.len() == 1 && new.exact.len() == 1;
            let many = base.calls().min(new.calls()) >= LEAST_CONSTANT && !key.reverted;
            let exact = comparability.same_calls || many && (constant || base.exact == new.exact);
            Pair {
                key,
                exact,
                paired: comparability.paired && runs == [base.by_block.len(), new.by_block.len()],
                base,
                new,
            }
        };
        keys.into_iter().map(pair).collect()
    }

    /// How many intervals it takes.
    pub(super) fn intervals(&self) -> usize {
        usize::from(!self.exact)
    }

    /// Compares; an interval is to be wrong with a probability of at most `alpha`.
    pub(super) fn compare(&self, alpha: f64, settings: &CompareSettings) -> GasChange {
        let outcome = if self.key.reverted {
            "reverted"
        } else {
            "succeeded"
        };
        let mut change = undecided(self.key.scope, outcome, self.base.numbers(), self.new.numbers());
        change.exact = self.exact;
        change.runs = [self.base.by_block.len(), self.new.by_block.len()];
        if self.exact {
            decide_exactly(&mut change);
            return change;
        }
        let [base, new] = if self.paired {
            Batches::paired(&self.base.by_block, &self.new.by_block)
        } else {
            [&self.base, &self.new].map(|side| Batches::of(&side.by_block))
        };
        if let Some(reason) = too_few(&base, &new) {
            change.reason = Some(reason);
            return change;
        }
        let was = base.all().mean();
        for interval in self.intervals_of(&base, &new, alpha, settings) {
            change.interval = Some(interval);
            change.interval_ratio = (was > 0.0).then(|| interval.over(was));
            change.verdict = Verdict::within(interval, was * settings.gas_margin);
            change.reason = (change.verdict == Verdict::NotEnoughData)
                .then(|| "the interval holds both no change and more than the margin".to_owned());
        }
        change
    }

    /// The interval of the means' difference.
    fn intervals_of(
        &self,
        base: &Batches,
        new: &Batches,
        alpha: f64,
        settings: &CompareSettings,
    ) -> Vec<Interval> {
        let intervals = differences([base, new], self.paired, &[Estimator::Mean], alpha, settings);
        let by_sender = self.base.variance_by_sender().zip(self.new.variance_by_sender());
        let Some((of_base, of_new)) = by_sender.filter(|_| !self.paired) else {
            return intervals;
        };
        let change = new.all().mean() - base.all().mean();
        let widened = |interval: Interval| interval.at_least(change, of_base, of_new, alpha);
        intervals.into_iter().map(widened).collect()
    }
}

/// Gas of runs without rows of transactions: what their summaries say of it.
pub(super) fn of_summaries(base: &[RunFolder], new: &[RunFolder], same_calls: bool) -> Vec<GasChange> {
    let protocol = being_read();
    let phases = protocol.phases.iter().copied().map(Scope::Phase);
    let scopes = phases.chain(protocol.functions.iter().copied().map(Scope::Function));
    let change = |scope| {
        let (old, now) = (summarised(base, scope), summarised(new, scope));
        let mut change = undecided(scope, "all", old, now);
        change.runs = [base, new].map(|runs| runs.iter().filter(|run| stats(run, scope).is_some()).count());
        let several = |sample: Option<[f64; 5]>| sample.is_some_and(|[calls, ..]| calls > 1.0);
        if same_calls || old == now && several(old) {
            change.exact = true;
            decide_exactly(&mut change);
        } else {
            change.reason = Some("transactions.csv is missing: no data by block".to_owned());
        }
        (old.is_some() || now.is_some()).then_some(change)
    };
    scopes.filter_map(change).collect()
}

/// The gas of a scope in a run's summary.
fn stats(run: &RunFolder, scope: Scope) -> Option<Stats> {
    let result = run.result();
    match scope {
        Scope::All => None,
        Scope::Phase(phase) => result.phases.get(&phase)?.gas_used,
        Scope::Function(function) => result.functions.get(&function)?.gas_used,
    }
}

fn summarised(runs: &[RunFolder], scope: Scope) -> Option<[f64; 5]> {
    let all: Vec<Stats> = runs.iter().filter_map(|run| stats(run, scope)).collect();
    let calls: f64 = all.iter().map(|stats| stats.count as f64).sum();
    let sum: f64 = all.iter().map(|stats| stats.mean * stats.count as f64).sum();
    // The median of several runs is not known from those of each.
    let median = match all.as_slice() {
        [one] => one.p50 as f64,
        _ => f64::NAN,
    };
    let min = all.iter().map(|stats| stats.min).min()?;
    let max = all.iter().map(|stats| stats.max).max()?;
    Some([calls, min as f64, median, sum / calls, max as f64])
}

fn undecided(
    scope: Scope,
    outcome: &'static str,
    base: Option<[f64; 5]>,
    new: Option<[f64; 5]>,
) -> GasChange {
    let is = match scope {
        Scope::Function(function) => Quantity::FunctionGas(function),
        Scope::Phase(phase) => Quantity::Gas(phase),
        // Nothing is gathered of all transactions together.
        Scope::All => Quantity::BlockGas,
    };
    let number = |numbers: Option<[f64; 5]>, index: usize| {
        let number = numbers.and_then(|numbers| numbers.get(index).copied());
        number.filter(|number| !number.is_nan())
    };
    let statistics = ["calls", "min", "median", "mean", "max"];
    let statistic = |(index, name)| {
        let (base, new) = (number(base, index), number(new, index));
        let change = base.zip(new).map(|(old, now)| now - old);
        GasStatistic {
            name,
            base,
            new,
            change,
            change_ratio: super::ratio(change, base),
        }
    };
    let behind = if outcome == "reverted" { ".reverted" } else { "" };
    GasChange {
        quantity: format!("{is}{behind}"),
        outcome,
        exact: false,
        verdict: Verdict::NotEnoughData,
        reason: None,
        runs: [0; 2],
        interval: None,
        interval_ratio: None,
        statistics: statistics.into_iter().enumerate().map(statistic).collect(),
        is,
    }
}

fn decide_exactly(change: &mut GasChange) {
    let changes = ["mean", "median", "max", "min"]
        .into_iter()
        .filter_map(|name| change.statistic(name)?.change);
    let first = changes.into_iter().find(|change| *change != 0.0);
    let missing = change
        .statistic("calls")
        .is_none_or(|calls| calls.base.is_none() || calls.new.is_none());
    if missing {
        let sample = match change.statistic("calls") {
            Some(calls) if calls.base.is_some() => "the candidate no longer has",
            _ => "the baseline has no",
        };
        change.reason = Some(format!("{sample} such transactions"));
    } else {
        change.verdict = Verdict::exact(first.unwrap_or_default());
    }
}

//! Comparison of a baseline and a candidate, each of one or several runs: every metric is improved, regressed, unchanged
//! or inconclusive.
//!
//! Gas is compared exactly where it is exact. Latencies are compared by resampling: see [`Comparison`].

mod batches;
mod bins;
mod bootstrap;
mod comparability;
mod error;
mod figures;
mod functions;
mod gas;
mod interval;
mod kind;
mod latency;
mod load;
mod rank;
mod rules;
mod runs;
mod sample;
mod summaries;
mod verdict;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

pub use error::CompareError;
pub use figures::Figure;
pub use functions::{FunctionStatistic, FunctionTime};
pub use gas::{GasChange, GasStatistic};
pub use interval::Interval;
pub use latency::{LatencyChange, LatencyMetric};
pub use rules::{Inconclusive, Rule, RuleError, RuleOutcome, RuleVerdict};
pub use runs::RunFacts;
use serde::Serialize;
pub use verdict::Verdict;

use self::{
    comparability::Comparability,
    kind::LatencyKind,
    load::{Axis, Measured},
};
use crate::{
    metric::Statistic,
    protocol::being_read,
    record::{RunResult, TASKS_CSV, TRANSACTIONS_CSV, TimeSource},
    run_folder::{ReadError, RunFolder},
    time::Micros,
};

/// The version of a comparison's JSON.
pub const COMPARISON_SCHEMA_VERSION: u32 = 3;

/// Settings of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct CompareSettings {
    /// The probability, 0 to 1, with which all intervals of a comparison hold together. Default 0.95.
    pub confidence: f64,
    /// The share that a latency may change by before it counts; `None` stands for 2 % in virtual time and 5 % in
    /// wall-clock time, where no two runs are the same.
    pub margin: Option<f64>,
    /// The share that mean gas may change by before it counts, where it is not exact. Default 0.5 %.
    pub gas_margin: f64,
    /// The number of resamples. Default 10,000.
    pub resamples: usize,
    /// The seed of the resampling. Default 1.
    pub seed: u64,
    /// Whether differences of simulations that made the same calls with the same seeds are taken as they are, without
    /// intervals: they say what changed with these seeds, not what would with others.
    pub exact: bool,
    /// Whether runs that are not comparable are compared anyway.
    pub force: bool,
    /// Regressions that fail the comparison.
    pub rules: Vec<Rule>,
    /// The outcome of rules that cannot be decided. Default: they fail.
    pub inconclusive: Inconclusive,
}

impl Default for CompareSettings {
    fn default() -> Self {
        Self {
            confidence: 0.95,
            margin: None,
            gas_margin: 0.005,
            resamples: 10_000,
            seed: 1,
            exact: false,
            force: false,
            rules: Vec::new(),
            inconclusive: Inconclusive::Fail,
        }
    }
}

impl CompareSettings {
    fn margin(&self, clock: TimeSource) -> f64 {
        self.margin.unwrap_or(match clock {
            TimeSource::Wall => 0.05,
            TimeSource::Virtual => 0.02,
        })
    }

    /// The statistics of a latency that are compared: some always, and what rules ask for.
    fn statistics(&self, kind: LatencyKind) -> Vec<Statistic> {
        // Response and service time have the same, so that what is the same in both is compared once.
        let twin = match kind {
            LatencyKind::Response(phase) => LatencyKind::Service(phase),
            LatencyKind::Service(phase) => LatencyKind::Response(phase),
            other => other,
        };
        let asked = self
            .rules
            .iter()
            .flat_map(|rule| [kind, twin].map(|kind| rule.statistic_of(kind)));
        let all: BTreeSet<Statistic> = kind.statistics().iter().copied().chain(asked.flatten()).collect();
        all.into_iter().collect()
    }
}

/// The comparison of a baseline and a candidate.
///
/// Every latency is cut into batches of neighbouring blocks, which are resampled within their runs, and runs among each
/// other where there are several: transactions of one block share their fate, and those of neighbouring blocks often. The
/// intervals of all metrics that are not exact hold together with the comparison's confidence (Bonferroni), so
/// that identical runs give a false positive in at most one comparison of twenty, however many metrics there are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// [`COMPARISON_SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The version of taskstorm that compared.
    pub tool_version: String,
    /// The number of metrics that got which verdict.
    pub verdicts: Counts,
    /// The reason why this should not have been compared; empty unless that was forced.
    pub incomparable: Vec<String>,
    /// What else is not the same, and what could not be read as it was written.
    pub notes: Vec<String>,
    /// The runs of the baseline, by ascending seed.
    pub base: Vec<RunFacts>,
    /// The runs of the candidate.
    pub new: Vec<RunFacts>,
    /// The probability with which all intervals hold together.
    pub confidence: f64,
    /// The number of intervals.
    pub intervals: usize,
    /// The share that a latency may change by before it counts, and at least 1 ms.
    pub margin: f64,
    /// The same of mean gas that is not exact.
    pub gas_margin: f64,
    /// Whether runs of the same seed were compared in pairs: what both have by chance is in no interval.
    pub paired: bool,
    /// Whether all differences are exact: both made the same calls with the same seeds, and that is what was asked about.
    pub exact: bool,
    /// The number of resamples.
    pub resamples: usize,
    /// The seed of that.
    pub seed: u64,
    /// Regressions that fail the comparison, with verdicts.
    pub rules: Vec<RuleVerdict>,
    /// The outcome of rules that cannot be decided.
    pub inconclusive: Inconclusive,
    /// Gas per phase and per function.
    pub gas: Vec<GasChange>,
    /// Latencies of tasks, and of phases' transactions.
    pub latency: Vec<LatencyChange>,
    /// Response times per function, of two builds of the contracts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<FunctionTime>,
    /// Figures without a verdict.
    pub figures: Vec<Figure>,
}

/// The number of metrics that got which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// [`Verdict::Worse`]
    pub worse: usize,
    /// [`Verdict::Better`]
    pub better: usize,
    /// [`Verdict::Same`]
    pub same: usize,
    /// [`Verdict::Shifted`]
    pub shifted: usize,
    /// [`Verdict::NotEnoughData`]
    pub not_enough_data: usize,
}

/// Compares the runs in the folders `new` with those in `base`. A folder is that of a run, or of several.
///
/// # Errors
/// If a folder cannot be read or is given twice, or if the runs are not comparable and that is not forced.
pub fn compare(
    base: &[PathBuf],
    new: &[PathBuf],
    settings: &CompareSettings,
) -> Result<Comparison, CompareError> {
    let (base, new) = (runs::open(base)?, runs::open(new)?);
    given_once(&base)?;
    given_once(&new)?;
    let protocol = base.first().map_or(being_read(), |run| run.result().protocol);
    protocol.while_reading(|| compare_runs(base, new, settings))
}

/// Compares these runs, whose protocol's names those of metrics are.
fn compare_runs(
    base: Vec<RunFolder>,
    new: Vec<RunFolder>,
    settings: &CompareSettings,
) -> Result<Comparison, CompareError> {
    let mut comparability = Comparability::of(&base, &new);
    if !comparability.obstacles.is_empty() && !settings.force {
        return Err(CompareError::Incomparable(comparability.obstacles));
    }
    let axis = comparability.paired.then(|| common_axis(&base, &new));
    let measure = |runs: &[RunFolder]| {
        let own = |run: &RunFolder| Axis {
            end: run.result().duration_us,
            by_task: None,
        };
        let measured = runs.iter().map(|run| Measured::of(run, axis.unwrap_or(own(run))));
        measured.collect::<Result<Vec<_>, ReadError>>()
    };
    let (old, now) = (measure(&base)?, measure(&new)?);
    let has_transactions = old.iter().chain(&now).all(|run| run.has_transactions);
    if !has_transactions {
        let note = "a run has no transactions.csv: of its transactions only the summary is known";
        comparability.notes.push(note.to_owned());
    }
    let has_tasks = old.iter().chain(&now).all(|run| run.has_tasks);
    if !has_tasks {
        let note = "a run has no tasks.csv: of its tasks only the summary is known";
        comparability.notes.push(note.to_owned());
    }
    let clock = base.first().map_or(TimeSource::Wall, |run| run.result().clock);
    let mut comparison = Comparison {
        schema_version: COMPARISON_SCHEMA_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        verdicts: Counts::default(),
        incomparable: comparability.obstacles.clone(),
        notes: comparability.notes.clone(),
        base: base.iter().map(RunFacts::of).collect(),
        new: new.iter().map(RunFacts::of).collect(),
        confidence: settings.confidence,
        intervals: 0,
        margin: settings.margin(clock),
        gas_margin: settings.gas_margin,
        paired: comparability.paired,
        exact: settings.exact && comparability.same_calls,
        resamples: settings.resamples,
        seed: settings.seed,
        rules: Vec::new(),
        inconclusive: settings.inconclusive,
        gas: Vec::new(),
        latency: Vec::new(),
        functions: match settings.exact {
            true => functions::times(&old, &now),
            false => Vec::new(),
        },
        figures: figures::figures(&base, &new, settings),
    };
    comparison.hold_against(&old, &now, &comparability, settings);
    if !has_transactions {
        comparison.gas = gas::of_summaries(&base, &new, comparability.same_calls);
        let of_transactions = summaries::latencies(&base, &new, TRANSACTIONS_CSV, settings);
        comparison.latency.extend(of_transactions);
    }
    if !has_tasks {
        let of_tasks = summaries::latencies(&base, &new, TASKS_CSV, settings);
        comparison.latency.splice(..0, of_tasks);
    }
    comparison.rules = settings
        .rules
        .iter()
        .map(|rule| rule.evaluate(&comparison))
        .collect();
    comparison.verdicts = comparison.count();
    Ok(comparison)
}

impl Comparison {
    fn hold_against(
        &mut self,
        base: &[Measured],
        new: &[Measured],
        comparability: &Comparability,
        settings: &CompareSettings,
    ) {
        let gas = gas::Pair::all(base, new, comparability);
        let latency = latency::Pair::all(base, new, comparability, settings);
        let (latency, copies) = latency::without_copies(latency);
        let of_gas: usize = gas.iter().map(gas::Pair::intervals).sum();
        let of_latency: usize = latency.iter().map(latency::Pair::intervals).sum();
        self.intervals = of_gas + of_latency;
        // Bonferroni: whatever depends on what, all intervals together are wrong no more often than this sum.
        let alpha = (1.0 - self.confidence) / self.intervals.max(1) as f64;
        self.gas = gas.iter().map(|pair| pair.compare(alpha, settings)).collect();
        let compared = latency
            .iter()
            .map(|pair| pair.compare(alpha, self.margin, settings));
        let mut compared: Vec<LatencyChange> = compared.collect();
        let p_values: Vec<_> = compared.iter().map(|latency| latency.rank_test_p).collect();
        for (latency, adjusted) in compared.iter_mut().zip(rank::holm(&p_values)) {
            latency.rank_test_p = adjusted;
        }
        self.latency = latency::with_copies(&latency, &compared, &copies);
    }

    /// Every verdict with the name of its metric, gas first.
    pub fn verdicts(&self) -> impl Iterator<Item = (&str, Verdict)> {
        let gas = self.gas.iter().map(|gas| (gas.quantity.as_str(), gas.verdict));
        let latency = self.latency.iter().flat_map(|latency| &latency.metrics);
        gas.chain(latency.map(|metric| (metric.metric.as_str(), metric.verdict)))
    }

    /// Whether a rule failed.
    #[must_use]
    pub fn has_regressed(&self) -> bool {
        self.rules.iter().any(|rule| rule.outcome == RuleOutcome::Failed)
    }

    /// Whether the rules, taken together, do not let the candidate pass: one failed, or one could not be decided and such
    /// rules count as failed.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        let inconclusive = |rule: &RuleVerdict| rule.outcome == RuleOutcome::Inconclusive;
        self.has_regressed() || self.inconclusive == Inconclusive::Fail && self.rules.iter().any(inconclusive)
    }

    fn count(&self) -> Counts {
        let of = |wanted| self.verdicts().filter(|(_, verdict)| *verdict == wanted).count();
        Counts {
            worse: of(Verdict::Worse),
            better: of(Verdict::Better),
            same: of(Verdict::Same),
            shifted: of(Verdict::Shifted),
            not_enough_data: of(Verdict::NotEnoughData),
        }
    }
}

/// Where the values of runs that are pairs are: where their tasks were meant to be submitted, which is the same in both.
fn common_axis(base: &[RunFolder], new: &[RunFolder]) -> Axis {
    let results = || base.iter().chain(new).map(RunFolder::result);
    let block = |result: &RunResult| result.duration_us.0 / result.blocks.count.max(1);
    Axis {
        end: results()
            .map(|result| result.duration_us)
            .max()
            .unwrap_or_default(),
        by_task: results().map(block).max().map(Micros),
    }
}

fn given_once(runs: &[RunFolder]) -> Result<(), CompareError> {
    let mut seen = BTreeSet::new();
    for run in runs {
        let path = run.path().canonicalize();
        if !seen.insert(path.unwrap_or_else(|_| Path::to_owned(run.path()))) {
            return Err(CompareError::Twice(run.path().to_owned()));
        }
    }
    Ok(())
}

/// A change over what it was; `None` if one of them is unknown, or of nothing.
fn ratio(change: Option<f64>, base: Option<f64>) -> Option<f64> {
    let (change, base) = change.zip(base)?;
    (base != 0.0).then(|| change / base.abs())
}

//! Figures without a verdict: numbers that a run has one of.

use serde::Serialize;

use super::{CompareSettings, rules::Subject};
use crate::{metric::Metric, run_folder::RunFolder};

/// Figures that are always reported.
const FIGURES: [&str; 14] = [
    "tasks.submitted.count",
    "tasks.ended.ratio",
    "tasks.failed.ratio",
    "tasks.unfinished.ratio",
    "transactions.reverted.ratio",
    "transactions.refused.ratio",
    "transactions.lost.ratio",
    "rate.tasks.offered",
    "rate.tasks.steady",
    "rate.tasks",
    "rate.transactions",
    "generator.lateness.p99",
    "blocks.fullness.mean",
    "gas.total",
];

/// A metric of whole runs: the mean of the baseline's or the candidate's runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// Its name.
    pub metric: String,
    /// The unit.
    pub unit: &'static str,
    /// Runs of the baseline and the candidate that measured it.
    pub runs: [usize; 2],
    /// The baseline value; `None` if it was never measured.
    pub base: Option<f64>,
    /// What it is.
    pub new: Option<f64>,
    /// The difference.
    pub change: Option<f64>,
    /// The same over what it was.
    pub change_ratio: Option<f64>,
    #[serde(skip)]
    pub(crate) is: Metric,
}

/// The figures that are always reported, and those that a rule names.
pub(super) fn figures(base: &[RunFolder], new: &[RunFolder], settings: &CompareSettings) -> Vec<Figure> {
    let mut metrics: Vec<Metric> = FIGURES.iter().filter_map(|name| Metric::parse(name)).collect();
    for rule in &settings.rules {
        if let Subject::Figure(metric) = rule.subject()
            && !metrics.contains(&metric)
        {
            metrics.push(metric);
        }
    }
    let figure = |is: Metric| {
        let values = [values(base, is), values(new, is)];
        let [base, new] = values.each_ref().map(|values| mean(values));
        let change = base.zip(new).map(|(old, now)| now - old);
        Figure {
            metric: is.name(),
            unit: is.unit().name(),
            runs: values.each_ref().map(Vec::len),
            base,
            new,
            change,
            change_ratio: super::ratio(change, base),
            is,
        }
    };
    metrics.into_iter().map(figure).collect()
}

/// A metric of the runs that measured it.
pub(super) fn values(runs: &[RunFolder], metric: Metric) -> Vec<f64> {
    runs.iter().filter_map(|run| metric.of(run.result())).collect()
}

/// The mean; `None` of nothing.
pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

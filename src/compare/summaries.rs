//! Latencies of runs without rows, from their summaries.

use super::{
    CompareSettings, LatencyChange, LatencyMetric,
    figures::{mean as mean_of, values},
    kind::LatencyKind,
};
use crate::{metric::Statistic, record::TASKS_CSV, run_folder::RunFolder};

/// Latencies of runs without rows of transactions, or of tasks: what their summaries say, the mean of several runs. `file`
/// is the table that is missing.
pub(super) fn latencies(
    base: &[RunFolder],
    new: &[RunFolder],
    file: &str,
    settings: &CompareSettings,
) -> Vec<LatencyChange> {
    let kinds = LatencyKind::all().into_iter();
    let kinds = kinds.filter(|kind| kind.is_of_tasks() == (file == TASKS_CSV));
    let mean = |runs, is| mean_of(&values(runs, is));
    let change = |kind: LatencyKind| {
        let metric = |statistic| {
            let is = kind.metric(statistic)?;
            let metric = LatencyMetric::new(kind, statistic, mean(base, is), mean(new, is));
            Some(LatencyMetric {
                reason: Some(format!("{file} is missing: no data by block")),
                ..metric
            })
        };
        let count = kind.metric(Statistic::Count)?;
        let counts = |runs: &[RunFolder]| -> Vec<f64> {
            let counts = runs.iter().filter_map(|run| count.of(run.result()));
            counts.filter(|count| *count > 0.0).collect()
        };
        let counts = [counts(base), counts(new)];
        Some(LatencyChange {
            quantity: kind.to_string(),
            values: counts.each_ref().map(|counts| counts.iter().sum::<f64>() as u64),
            runs: counts.each_ref().map(Vec::len),
            batches: [0; 2],
            cliffs_delta: None,
            rank_test_p: None,
            metrics: settings.statistics(kind).into_iter().filter_map(metric).collect(),
        })
    };
    let changes = kinds.filter_map(change);
    changes.filter(|change| change.values != [0, 0]).collect()
}

//! The list of metrics.

use serde::Serialize;

use crate::metric::Metric;

/// A metric that thresholds can compare.
#[derive(Debug, Serialize)]
pub struct MetricRow {
    name: String,
    unit: &'static str,
    meaning: String,
}

/// The metrics whose names contain `filter`.
#[must_use]
pub fn metric_rows(filter: &str) -> Vec<MetricRow> {
    let rows = Metric::all().into_iter().map(|metric| MetricRow {
        name: metric.name(),
        unit: metric.unit().name(),
        meaning: metric.meaning(),
    });
    rows.filter(|row| row.name.contains(filter)).collect()
}

/// The same for people, a line each.
#[must_use]
pub fn metric_lines(rows: &[MetricRow]) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    let line =
        |MetricRow { name, unit, meaning }: &MetricRow| format!("{name:width$}  {unit:11}  {meaning}\n");
    rows.iter().map(line).collect()
}

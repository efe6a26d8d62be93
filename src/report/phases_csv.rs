//! `phases.csv`: a row per phase and metric.

use serde::Serialize;

use super::{ExportError, Exporter, FinishedRun};
use crate::record::{MeasurementWindow, Stats};

/// Writes `phases.csv`. Rows are in lifecycle order and all there, with empty cells where nothing was measured:
/// `response_us`, `service_us` and `gas_used` per phase of transactions; `duration_us` of `task.ack` to `task.total`;
/// `lateness_us` of `generator`. If not all of the load was measured, these are of its main part; rows like `warm_up.submit`,
/// `cool_down.task.total` and `warm_up.generator` follow.
#[derive(Clone, Copy, Debug)]
pub struct PhasesCsv;

#[derive(Serialize)]
struct PhaseRow<'a> {
    phase: &'a str,
    metric: &'a str,
    count: u64,
    min: Option<u64>,
    mean: Option<f64>,
    p50: Option<u64>,
    p90: Option<u64>,
    p95: Option<u64>,
    p99: Option<u64>,
    p99_9: Option<u64>,
    max: Option<u64>,
    stddev: Option<f64>,
}

impl<'a> PhaseRow<'a> {
    fn new(phase: &'a str, metric: &'a str, stats: Option<&Stats>) -> Self {
        Self {
            phase,
            metric,
            count: stats.map_or(0, |stats| stats.count),
            min: stats.map(|stats| stats.min),
            mean: stats.map(|stats| stats.mean),
            p50: stats.map(|stats| stats.p50),
            p90: stats.map(|stats| stats.p90),
            p95: stats.map(|stats| stats.p95),
            p99: stats.map(|stats| stats.p99),
            p99_9: stats.map(|stats| stats.p99_9),
            max: stats.map(|stats| stats.max),
            stddev: stats.map(|stats| stats.stddev),
        }
    }
}

impl Exporter for PhasesCsv {
    fn file_name(&self) -> &'static str {
        "phases.csv"
    }

    fn export(&self, run: &FinishedRun<'_>) -> Result<Vec<u8>, ExportError> {
        rows(run).map_err(|error| ExportError::Format {
            file: self.file_name(),
            cause: error.to_string(),
        })
    }
}

fn rows(run: &FinishedRun<'_>) -> csv::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut csv = csv::Writer::from_writer(&mut bytes);
    for (phase, result) in &run.result.phases {
        for (metric, stats) in [
            ("response_us", &result.response_us),
            ("service_us", &result.service_us),
            ("gas_used", &result.gas_used),
        ] {
            csv.serialize(PhaseRow::new(phase.name(), metric, stats.as_ref()))?;
        }
    }
    for (span, result) in &run.result.task_phases {
        let name = format!("task.{}", span.name());
        csv.serialize(PhaseRow::new(&name, "duration_us", result.duration_us.as_ref()))?;
    }
    let lateness = run.result.generator.lateness_us.as_ref();
    csv.serialize(PhaseRow::new("generator", "lateness_us", lateness))?;
    let windows = run.result.parts.iter().flat_map(|windows| &windows.parts);
    for (window, result) in windows
        .filter(|(window, _)| matches!(window, MeasurementWindow::WarmUp | MeasurementWindow::CoolDown))
    {
        for (phase, times) in &result.phases {
            let name = format!("{}.{}", window.name(), phase.name());
            csv.serialize(PhaseRow::new(&name, "response_us", times.response_us.as_ref()))?;
            csv.serialize(PhaseRow::new(&name, "service_us", times.service_us.as_ref()))?;
        }
        for (span, result) in &result.task_phases {
            let name = format!("{}.task.{}", window.name(), span.name());
            csv.serialize(PhaseRow::new(&name, "duration_us", result.duration_us.as_ref()))?;
        }
        let name = format!("{}.generator", window.name());
        csv.serialize(PhaseRow::new(&name, "lateness_us", result.lateness_us.as_ref()))?;
    }
    csv.flush()?;
    drop(csv);
    Ok(bytes)
}

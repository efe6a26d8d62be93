//! `phases.csv`: a row per phase and metric.

use super::{ExportError, Exporter, FinishedRun, series::series};

/// Writes `phases.csv`. Rows are in lifecycle order and all there, with empty cells where nothing was measured:
/// `response_us`, `service_us` and `gas_used` per phase of transactions; `duration_us` of `task.ack` to `task.total`;
/// `lateness_us` of `generator`. If not all of the load was measured, these are of its main part; rows like `warm_up.submit`,
/// `cool_down.task.total` and `warm_up.generator` follow.
#[derive(Clone, Copy, Debug)]
pub struct PhasesCsv;

/// What stands before the statistics, and [`crate::record::Stats`] in its own order.
const COLUMNS: [&str; 12] = [
    "phase", "metric", "count", "min", "mean", "p50", "p90", "p95", "p99", "p99_9", "max", "stddev",
];

impl Exporter for PhasesCsv {
    fn file_name(&self) -> &'static str {
        "phases.csv"
    }

    fn export(&self, run: &FinishedRun<'_>) -> Result<Vec<u8>, ExportError> {
        rows(run).map_err(|error| ExportError::format(self.file_name(), error))
    }
}

fn rows(run: &FinishedRun<'_>) -> csv::Result<Vec<u8>> {
    let mut csv = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    csv.write_record(COLUMNS)?;
    for series in series(run.result) {
        match series.stats {
            Some(stats) => csv.serialize((series.phase, series.metric, stats))?,
            None => {
                let mut row = [""; COLUMNS.len()];
                row[..3].copy_from_slice(&[&series.phase, series.metric, "0"]);
                csv.write_record(row)?;
            }
        }
    }
    csv.into_inner().map_err(|error| error.into_error().into())
}

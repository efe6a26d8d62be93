//! `taskstorm metrics`: lists every metric.

use serde::Serialize;

use super::{Exit, Failure, output};
use crate::metric::Metric;

/// List the metrics that thresholds can compare, with their units.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only metrics whose name contains this text, such as phase.ack or p99.
    filter: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct MetricRow {
    name: String,
    unit: &'static str,
    meaning: String,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let filter = args.filter.as_deref().unwrap_or_default();
    let rows: Vec<MetricRow> = Metric::all()
        .into_iter()
        .map(|metric| MetricRow {
            name: metric.name(),
            unit: metric.unit().name(),
            meaning: metric.meaning(),
        })
        .filter(|row| row.name.contains(filter))
        .collect();
    if args.json {
        output::print_value(&rows)?;
    } else {
        let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
        let lines: String = rows
            .iter()
            .map(|MetricRow { name, unit, meaning }| format!("{name:width$}  {unit:11}  {meaning}\n"))
            .collect();
        output::print(&lines)?;
    }
    Ok(Exit::Done)
}

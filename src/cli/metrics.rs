//! `taskstorm metrics`: lists every metric.

use std::path::PathBuf;

use super::{Exit, Failure, output};
use crate::{
    report::metrics::{metric_lines, metric_rows},
    scenario::profile,
};

/// List the metrics that thresholds can compare, with their units.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only metrics whose name contains this text, such as phase.ack or p99.
    filter: Option<String>,
    /// Metrics of runs of this profile, instead of the reference protocol's.
    #[arg(long, value_name = "PROFILE")]
    protocol: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    if let Some(profile) = &args.protocol {
        profile::load(profile)?.schema.read_from_now_on();
    }
    let rows = metric_rows(args.filter.as_deref().unwrap_or_default());
    if args.json {
        output::print_value(&rows)?;
    } else {
        output::print(&metric_lines(&rows))?;
    }
    Ok(Exit::Done)
}

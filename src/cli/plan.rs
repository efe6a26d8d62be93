//! `taskstorm plan`: lists the accounts of a run and the arrival times of its tasks.

use std::{fs, path::PathBuf};

use super::{Exit, Failure, output, scenario::ScenarioArgs};
use crate::{
    plan::Plan,
    report::plan::{PlanSummary, actors_csv, arrivals_csv},
};

/// Show the plan of a scenario: groups, accounts, sessions, tasks and arrival times.
///
/// The plan is what a run of the same scenario and seed follows, to the microsecond.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Write every arrival of open loads as CSV, to PATH or to stdout.
    #[arg(long, value_name = "PATH", num_args = 0..=1)]
    csv: Option<Option<PathBuf>>,
    /// With --csv, write every actor with its account instead of every arrival.
    #[arg(long, requires = "csv")]
    actors: bool,
    /// Print the table's content as JSON.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let scenario = args.scenario.load(None)?;
    let plan = Plan::of(&scenario);
    if let Some(path) = &args.csv {
        let rows = if args.actors {
            actors_csv(&scenario, &plan)
        } else {
            arrivals_csv(&scenario, &plan)
        }
        .map_err(Failure::unexpected)?;
        match path {
            None => output::print(&rows)?,
            Some(path) => fs::write(path, rows)
                .map_err(|error| Failure::plain(Exit::Usage, Unwritable(path.clone(), error)))?,
        }
        return Ok(Exit::Done);
    }
    let summary = PlanSummary::of(&scenario, &plan);
    if args.json {
        output::print_value(&summary)?;
    } else {
        output::print(&summary.text())?;
    }
    Ok(Exit::Done)
}

#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {}", .0.display(), .1)]
struct Unwritable(PathBuf, std::io::Error);

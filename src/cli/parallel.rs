//! `taskstorm parallel`: how much several cores could speed up a load's blocks, and what prevents it.

use super::{Exit, Failure, output, scenario::ScenarioArgs, signals};
use crate::{
    parallel::measure_parallelism, record::Progress, report::parallel::parallelism_table, scenario::ChainKind,
};

/// Bound the speedup of parallel execution; name the storage slots that prevent it.
///
/// It runs in virtual time on the embedded chain, whatever chain the scenario names. A transaction conflicts with an earlier one
/// of its block that wrote what it accesses; the gas of the longest chain of conflicts bounds the speedup on any number of cores.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Number of storage slots and accounts to name, those that most of the critical path waits for.
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Print JSON instead of tables.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let scenario = args.scenario.load(Some(ChainKind::Embedded))?;
    let stop = signals::stop_on_signal().map_err(Failure::unexpected)?;
    let (result, parallelism) = measure_parallelism(&scenario, args.top, &stop, |_: &Progress| {})?;
    if let Some(exit) = Exit::of_incomplete(&result, "no parallelism was measured") {
        return Ok(exit);
    }
    if args.json {
        output::print_value(&parallelism)?;
    } else {
        output::print_styled(|style| parallelism_table(&scenario, &parallelism, style))?;
    }
    Ok(Exit::Done)
}

//! `taskstorm doctor`: what a run would find on this machine.

use super::{Exit, Failure, chain::AnvilArgs, output};
use crate::chain::anvil;

/// Show which anvil would be used, and try to start it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    anvil: AnvilArgs,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> Result<Exit, Failure> {
    let search = args.anvil.search().map_err(Failure::unexpected)?;
    let mut diagnosis = anvil::diagnose(&search, &|line| tracing::info!("{line}"));
    diagnosis.try_start().await;
    let printed = if args.json {
        output::print_value(&diagnosis)
    } else {
        output::print(&(diagnosis.lines().join("\n") + "\n"))
    };
    let exit = if diagnosis.is_well() {
        Exit::Done
    } else {
        Exit::Chain
    };
    exit.after([printed])
}

//! `taskstorm check`: validates scenarios and estimates transactions, gas and duration.

use std::path::PathBuf;

use super::{
    Exit, Failure, output,
    scenario::{OverrideArgs, log_warnings},
};
use crate::{
    estimate::{Estimate, Offered},
    report::check::{Checked, CheckedFile, CheckedLoad},
    scenario::{ChainKind, Loaded},
};

/// Check scenario files; estimate transactions, gas and duration.
///
/// Validates every file and reports every problem. Estimates of valid files: tasks, transactions, gas, duration and blocks,
/// and whether the gas limit and the miners' work time can hold the load. Transactions and gas come from running
/// some tasks of each group on the embedded chain; the rest is arithmetic that assumes that nothing fails. Of a scenario that
/// runs a profile the check says which tasks its load offers, and when.
///
/// Exit codes: 0 all files are valid · 2 a file is invalid or cannot be read.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario files.
    #[arg(value_name = "SCENARIO", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    overrides: OverrideArgs,
    /// Check them for this kind of chain instead of their own.
    #[arg(long, value_name = "anvil|embedded", value_parser = kind)]
    chain: Option<ChainKind>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn kind(text: &str) -> Result<ChainKind, String> {
    ChainKind::named(text).ok_or_else(|| "a scenario is checked for anvil or embedded".to_owned())
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let overrides = args.overrides.overrides(args.chain);
    let mut files = Vec::new();
    let mut exit = Exit::Done;
    for path in &args.files {
        let file = path.display().to_string();
        match Loaded::with_overrides(path, &overrides) {
            Ok(Loaded { scenario, warnings }) => {
                let load = match &scenario.profile {
                    Some(_) => CheckedLoad::Offered(Offered::of(&scenario)),
                    None => CheckedLoad::Estimated(Estimate::of(&scenario)?),
                };
                files.push(CheckedFile::valid(file, &scenario, load, &warnings));
                log_warnings(warnings);
            }
            Err(error) => {
                exit = Exit::Usage;
                files.push(CheckedFile::invalid(file, &error));
                // On stderr, as every command does that is given this file.
                let _ = Failure::from(error).report();
            }
        }
    }
    let checked = Checked::new(files);
    let printed = if args.json {
        output::print_value(&checked)
    } else {
        output::print(&checked.text())
    };
    exit.after([printed])
}

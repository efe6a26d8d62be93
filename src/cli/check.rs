//! `taskstorm check`: validates scenarios and profiles, and estimates transactions, gas and duration of scenarios.

use std::path::{Path, PathBuf};

use super::{
    Exit, Failure, output,
    scenario::{OverrideArgs, log_warnings},
};
use crate::{
    estimate::{Estimate, Forecast, Offered, Simulated},
    protocol::profile::Origin,
    report::check::{Checked, CheckedFile, CheckedLoad, state_chart},
    run_folder::write_file,
    scenario::{
        ChainKind, Loaded, Override, Scenario, ScenarioError,
        profile::{self, ReplacedError, is_profile},
    },
};

/// Check scenario files and profiles; estimate transactions, gas and duration.
///
/// Validates every file and reports every problem. Of a profile (a file with [task] or [roles]) it prints contracts, roles,
/// rules, events and the state machine of its tasks. Estimates of valid scenarios: tasks, transactions, gas, duration and blocks,
/// and whether the gas limit and the miners' work time can hold the load. The scenario is simulated on the embedded chain with 3
/// to 8 other seeds, a long one in part: 95 % of runs lie in the ranges that are printed. --no-forecast estimates from 100
/// tasks of each group, by arithmetic that assumes that nothing fails. A scenario that
/// runs a profile is simulated with 100 tasks of each group at most, where all of its contracts are its own.
///
/// Exit codes: 0 all files are valid · 2 a file is invalid or cannot be read.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario files and profiles.
    #[arg(value_name = "SCENARIO", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    overrides: OverrideArgs,
    /// Check them for this kind of chain instead of their own.
    #[arg(long, value_name = "anvil|embedded", value_parser = kind)]
    chain: Option<ChainKind>,
    /// Draw the state machine of the profile as SVG, to FILE; with one profile only.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Do not simulate whole scenarios: no ranges, and estimates by arithmetic.
    #[arg(long)]
    no_forecast: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn kind(text: &str) -> Result<ChainKind, String> {
    ChainKind::named(text).ok_or_else(|| "a scenario is checked for anvil or embedded".to_owned())
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    if args.svg.is_some()
        && !args
            .files
            .iter()
            .all(|file| args.files.len() == 1 && is_profile(file))
    {
        let help = "name one profile: a file with [task] and [roles]";
        return Err(Failure::usage(
            "--svg draws the state machine of one profile",
            help,
        ));
    }
    let of_scenario = args.overrides.of_scenario();
    let of_scenario = of_scenario.or_else(|| args.chain.is_some().then_some("--chain"));
    if let Some(flag) = of_scenario.filter(|_| args.files.iter().all(|file| is_profile(file))) {
        return Err(Failure::usage(
            format!("{flag} is about scenarios, and only profiles are given"),
            "leave it out, or check the scenario that runs the profile",
        ));
    }
    let overrides = args.overrides.overrides(args.chain);
    let mut files = Vec::new();
    let mut exit = Exit::Done;
    for path in &args.files {
        let file = path.display().to_string();
        let checked = if is_profile(path) {
            profile(path, args.svg.as_deref(), args.overrides.artifacts())?
        } else {
            scenario(path, &overrides, args.no_forecast)?
        };
        files.push(checked.unwrap_or_else(|error| {
            exit = Exit::Usage;
            let checked = CheckedFile::invalid(file, &error);
            // On stderr, as every command does that is given this file.
            let _ = Failure::from(error).report();
            checked
        }));
    }
    let checked = Checked::new(files);
    let printed = if args.json {
        output::print_value(&checked)
    } else {
        output::print(&checked.text())
    };
    exit.after([printed])
}

/// Checks a scenario; an invalid one is no failure of the command.
fn scenario(
    path: &Path,
    overrides: &[Override],
    no_forecast: bool,
) -> Result<Result<CheckedFile, ScenarioError>, Failure> {
    match Loaded::with_overrides(path, overrides) {
        Ok(Loaded { scenario, warnings }) => {
            if let Some(error) = not_there(&scenario) {
                return Ok(Err(error));
            }
            let load = match &scenario.profile {
                Some(run) => {
                    let offered = Offered::of(&scenario);
                    let simulated = Simulated::of(&scenario, run, &offered);
                    CheckedLoad::Offered { offered, simulated }
                }
                None => {
                    let estimate = Estimate::of(&scenario)?;
                    let forecast = (!no_forecast).then(|| Forecast::of(&scenario, &estimate));
                    CheckedLoad::Estimated { estimate, forecast }
                }
            };
            let checked = CheckedFile::valid(path.display().to_string(), &scenario, load, &warnings);
            log_warnings(warnings);
            Ok(Ok(checked))
        }
        Err(error) => Ok(Err(error)),
    }
}

/// A contract that is to be on the scenario's chain, which is an embedded one without anything on it.
fn not_there(scenario: &Scenario) -> Option<ScenarioError> {
    let run = scenario.profile.as_ref()?;
    let contract = run.definition.contract_there()?;
    let Origin::At(address) = contract.origin else {
        return None;
    };
    let is_empty = scenario.chain.kind == ChainKind::Embedded && scenario.chain.state.is_none();
    is_empty.then(|| profile::not_on_chain(&run.definition, contract, address))
}

/// Checks a profile, and draws its state machine.
fn profile(
    path: &Path,
    svg: Option<&Path>,
    artifacts: Option<&Path>,
) -> Result<Result<CheckedFile, ScenarioError>, Failure> {
    let loaded = match artifacts {
        None => profile::load(path),
        Some(artifacts) => match profile::load_with_artifacts(path, artifacts) {
            Ok(profile) => Ok(profile),
            Err(ReplacedError::Profile(error)) => Err(error),
            Err(ReplacedError::Artifacts { message, help }) => return Err(Failure::usage(message, help)),
        },
    };
    match loaded {
        Ok(profile) => {
            for warning in profile.replaced.iter().flat_map(|replaced| &replaced.warnings) {
                tracing::warn!("{warning}");
            }
            if let Some(svg) = svg {
                let drawing = state_chart(&profile).picture().svg();
                write_file(svg.to_owned(), drawing.as_bytes())
                    .map_err(|error| Failure::plain(Exit::Usage, error))?;
            }
            Ok(Ok(CheckedFile::profile(path.display().to_string(), &profile)))
        }
        Err(error) => Ok(Err(error)),
    }
}

//! `taskstorm run`: a scenario from file to report.

mod seeds;
mod single;

use std::path::PathBuf;

use jiff::Timestamp;

use super::{
    Exit, Failure, chain::ChainArgs, junit::JunitFile, output, scenario::ScenarioArgs, signals,
    threshold::ThresholdArgs,
};
use crate::{
    record::{RunResult, StopReason},
    report::run::{determinism_text, junit_of_run},
    run::{ChainChoice, DeploymentFile, Determinism, check_determinism},
    run_folder::{RunDir, RunDirError},
    scenario::{Scenario, Seeds},
};

/// Run a scenario and report latency and gas per phase.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scenario: ScenarioArgs,
    #[command(flatten)]
    chain: ChainArgs,
    /// Port for anvil [default: a free port].
    #[arg(long)]
    port: Option<u16>,
    /// Contracts that are there already instead of new ones: deployment.json of taskstorm devnet, run-latest.json of forge
    /// script, or deployed_addresses.json of Hardhat Ignition.
    #[arg(long, value_name = "FILE")]
    deployment: Option<PathBuf>,
    /// Run in virtual time with each of these seeds (1..32, both included, or 1,5,9), on all cores.
    #[arg(long, value_name = "SEEDS", conflicts_with_all = ["seed", "check_determinism"])]
    seeds: Option<Seeds>,
    /// Run in virtual time twice, compare every record, and print the first difference. Writes no files.
    #[arg(long, conflicts_with_all = ["out", "no_transactions", "json"])]
    check_determinism: bool,
    #[command(flatten)]
    thresholds: ThresholdArgs,
    /// Write the verdicts on thresholds and invariants as JUnit XML.
    #[arg(long, value_name = "FILE", conflicts_with = "check_determinism")]
    junit: Option<PathBuf>,
    /// Output folder [default: reports/<scenario>-<UTC time>].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Do not write transactions.csv, the file with a row per transaction.
    #[arg(long)]
    no_transactions: bool,
    /// Do not draw charts, nor put them into report.html; taskstorm report draws them later. With --seeds none are drawn.
    #[arg(long)]
    no_charts: bool,
    /// Print the summary as JSON instead of as a table.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args, quiet: bool) -> Result<Exit, Failure> {
    let mut scenario = args.scenario.load(args.chain.kind())?;
    let mut chain = args.chain.choice(scenario.chain.kind, args.port)?;
    if let Some(path) = &args.deployment {
        if chain.is_virtual(&scenario) {
            return Err(Failure::usage(
                "--deployment names contracts on a node, and this run uses the embedded chain",
                "give --chain the node's address",
            ));
        }
        let file = DeploymentFile::read(path).map_err(|error| Failure::plain(Exit::Usage, error))?;
        chain = chain.with_deployment(file);
    }
    args.thresholds.apply(&mut scenario)?;
    let junit = args.junit.map(JunitFile::try_at).transpose()?;
    let stop = signals::stop_on_signal().map_err(Failure::unexpected)?;
    let files = Output {
        dir: args.out,
        transactions: !args.no_transactions,
        charts: !args.no_charts,
        json: args.json,
        junit,
        quiet,
    };
    if args.check_determinism {
        in_virtual_time("--check-determinism", &scenario, &chain)?;
        let outcome = check_determinism(&scenario, &stop)?;
        let exit = match outcome {
            Determinism::Same { .. } => Exit::Done,
            Determinism::RecordsDiffer { .. } | Determinism::DrawsDiffer => Exit::Failed,
            Determinism::Stopped => Exit::Interrupted,
        };
        let text = determinism_text(&scenario, &outcome);
        return exit.after(text.map(|text| output::print(&text)));
    }
    match args.seeds {
        Some(seeds) => {
            in_virtual_time("--seeds", &scenario, &chain)?;
            seeds::run(&scenario, &seeds, &stop, &files)
        }
        None => single::run(&scenario, &chain, stop, &files).await,
    }
}

/// What is to become of a result.
struct Output {
    dir: Option<PathBuf>,
    transactions: bool,
    charts: bool,
    json: bool,
    junit: Option<JunitFile>,
    quiet: bool,
}

impl Output {
    /// The folder for the files of a run of `scenario`.
    fn folder(&self, scenario: &Scenario) -> Result<RunDir, Failure> {
        let made = match &self.dir {
            Some(path) => RunDir::create(path),
            None => RunDir::create_default(&scenario.name, Timestamp::now()),
        };
        made.map_err(no_folder)
    }

    /// Writes the verdicts on these results for CI systems, if that is asked for.
    fn write_junit(&self, results: &[&RunResult]) -> Result<(), Failure> {
        let Some(file) = &self.junit else { return Ok(()) };
        let suites: Vec<_> = results.iter().map(|result| junit_of_run(result)).collect();
        file.write(&suites)
    }
}

fn no_folder(error: RunDirError) -> Failure {
    Failure::plain(Exit::Usage, error)
}

/// Refuses a flag that needs virtual time for a run in real time.
fn in_virtual_time(flag: &str, scenario: &Scenario, chain: &ChainChoice) -> Result<(), Failure> {
    if chain.is_virtual(scenario) {
        return Ok(());
    }
    Err(Failure::usage(
        format!("{flag} needs virtual time, and this run uses a node"),
        "add --chain embedded",
    ))
}

/// How a run with this result ends the process. What makes a result say less comes before what it says: a run that
/// somebody or something cut short, then a broken invariant, then files that are not whole; then thresholds, which
/// decide even where tasks were left open, as they may be about these.
pub(super) fn exit(result: &RunResult) -> Exit {
    let broken = !result.invariants.violations.is_empty();
    let failed = result.failed_thresholds().next().is_some();
    match result.stop_reason {
        StopReason::Interrupted => Exit::Interrupted,
        StopReason::ChainLost => Exit::Chain,
        _ if broken => Exit::Invariant,
        StopReason::Failed => Exit::Failed,
        _ if result.journal_error.is_some() || result.check_consistency().is_err() => Exit::Failed,
        StopReason::ThresholdLost => Exit::Threshold,
        _ if failed => Exit::Threshold,
        StopReason::TimedOut | StopReason::Unknown => Exit::Failed,
        StopReason::Finished => Exit::Done,
    }
}

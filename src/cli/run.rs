//! `taskstorm run`: a scenario from file to report.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{Exit, Failure, chain::ChainArgs, output, signals};
use crate::{
    record::{Clock, Progress, Recorder, RunResult, StopReason},
    report::{FinishedRun, ProgressDisplay, ProgressMode, RunDir, Style, summary_json, summary_table},
    run,
    scenario::{ChainKind, Loaded, Scenario},
};

/// Run a scenario and report latency and gas per phase.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The scenario file.
    scenario: PathBuf,
    #[command(flatten)]
    chain: ChainArgs,
    /// The port that anvil listens on; a free one if not given.
    #[arg(long)]
    port: Option<u16>,
    /// The folder for the run's files [default: reports/<scenario>-<UTC time>].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Do not write transactions.csv, which has a row per transaction.
    #[arg(long)]
    no_transactions: bool,
    /// Print the summary as JSON instead of as a table.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args, quiet: bool) -> Result<Exit, Failure> {
    let Loaded {
        mut scenario,
        warnings,
    } = Loaded::from_file(&args.scenario)?;
    for warning in warnings {
        tracing::warn!("{:?}", miette::Report::new(warning));
    }
    let chain = args.chain.choice(&mut scenario, args.port)?;
    let stop = signals::stop_on_signal().map_err(Failure::unexpected)?;

    let mut dir = match args.out {
        Some(path) => RunDir::create(path),
        None => RunDir::create_default(&scenario.name, Timestamp::now()),
    }
    .map_err(|error| Failure::plain(Exit::Usage, error))?;
    let journal = if args.no_transactions {
        dir.journal_of_tasks()
    } else {
        dir.journal()
    };
    let recorder = Recorder::with_journal(journal);
    let mut progress = ProgressDisplay::new(ProgressMode::detect(quiet), clock(&scenario));
    let ran = run::run(&scenario, &chain, recorder, stop, |now: &Progress| {
        progress.update(now)
    })
    .await;
    progress.finish();

    let (result, histograms) = match ran {
        Ok(finished) => finished,
        Err(error) => {
            dir.discard();
            return Err(error.into());
        }
    };
    let written = dir.write(&FinishedRun {
        result: &result,
        histograms: &histograms,
        scenario: &scenario.to_toml(),
    });
    output::print(&if args.json {
        summary_json(&result).map_err(Failure::unexpected)?
    } else {
        summary_table(&result, Some(dir.path()), Style::detect())
    })?;
    tell_problems(&result);
    match (written, exit(&result)) {
        (Ok(()), exit) => Ok(exit),
        (Err(error), Exit::Done) => Err(Failure::unexpected(error)),
        (Err(error), exit) => {
            tracing::error!("{error}");
            Ok(exit)
        }
    }
}

/// What the moments of a run of `scenario` are measured by.
fn clock(scenario: &Scenario) -> Clock {
    match scenario.chain.kind {
        ChainKind::Anvil => Clock::Wall,
        ChainKind::Embedded => Clock::Virtual,
    }
}

/// Tells on stderr what kept a run from being complete: stdout may be read by a program.
fn tell_problems(result: &RunResult) {
    let stopped = result.stop_reason.description();
    match (result.stop_reason, &result.stop_message) {
        (StopReason::Finished, _) => {}
        (StopReason::Interrupted, _) => {
            tracing::warn!("{stopped}: the files hold what was measured until then")
        }
        (_, Some(message)) => tracing::error!("{stopped}: {message}"),
        (_, None) => tracing::error!("{stopped}"),
    }
    if let Some(error) = &result.journal_error {
        tracing::error!("{error}; the file ends there");
    }
}

/// How a run with this result ends the process.
fn exit(result: &RunResult) -> Exit {
    let broken = !result.invariants.violations.is_empty();
    match result.stop_reason {
        StopReason::Interrupted => Exit::Interrupted,
        StopReason::ChainLost => Exit::Chain,
        _ if broken => Exit::Invariant,
        StopReason::Failed | StopReason::TimedOut => Exit::Failed,
        StopReason::Finished if result.journal_error.is_some() => Exit::Failed,
        StopReason::Finished => Exit::Done,
    }
}

//! `taskstorm replay`: makes the transactions of a finding again.

use std::path::PathBuf;

use super::{Exit, Failure, output, scenario::artifacts, signals};
use crate::{
    format::human,
    hunt::{
        Broken, Evidence, Look, ReplayFile, ReplayFileError, contracts_digest, observe_in, replay_in,
        run_case,
    },
    report::hunt::{replay_text, trace_text},
};

/// Make what taskstorm hunt found again; say whether it still breaks the rule
///
/// The finding's transactions, or its whole run. Exit code 5 if they still break what they broke, 0 if that is fixed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// File of a finding.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Contracts to deploy instead of those of the finding, as for taskstorm run: a build that should fix it.
    #[arg(long, value_name = "DIR")]
    artifacts: Option<PathBuf>,
    /// Do not list the transactions.
    #[arg(long)]
    no_transactions: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let file = ReplayFile::read(&args.file)?;
    let overrides: Vec<_> = args.artifacts.as_deref().map(artifacts).into_iter().collect();
    let scenario = file.scenario(&args.file, &overrides)?;
    let found = contracts_digest(&scenario);
    if found != file.contracts {
        tracing::warn!(
            "other contracts than those of the finding: {found} instead of {}",
            file.contracts
        );
    }
    if file.version != env!("CARGO_PKG_VERSION") {
        tracing::warn!(
            "the file was written by taskstorm {}, this is {}",
            file.version,
            env!("CARGO_PKG_VERSION")
        );
    }
    if file.evidence == Some(Evidence::Run) {
        let stop = signals::stop_on_signal().map_err(Failure::unexpected)?;
        let broken = run_case(scenario, &stop).broken;
        output::print(&replay_text(file.broken.as_ref(), broken.as_ref(), "the run"))?;
        return Ok(exit(broken.as_ref()));
    }
    let schema = scenario.schema();
    schema.read_from_now_on();
    let participants = file.participants(schema);
    let wanted = file.broken.as_ref().map(Broken::identity);
    let mut replayed = replay_in(
        &scenario,
        &participants,
        &file.trace,
        Look::Blocks,
        wanted.as_deref(),
    )?;
    if replayed.broken.is_none() && wanted.is_some() {
        // Something else may be.
        replayed = replay_in(&scenario, &participants, &file.trace, Look::Blocks, None)?;
    }
    let broken = replayed.broken.as_ref().map(|(broken, _)| broken);
    let made = &file.trace[..replayed.made];
    let mut text = String::new();
    if !args.no_transactions {
        let seen = observe_in(&scenario, &participants, made, &Evidence::Transaction)?;
        text.push_str(&trace_text(&participants, made, Some(&seen)));
    }
    let count = human::counted(made.len() as u64, "transaction");
    text.push_str(&replay_text(file.broken.as_ref(), broken, &count));
    output::print(&text)?;
    Ok(exit(broken))
}

const fn exit(broken: Option<&Broken>) -> Exit {
    match broken {
        Some(_) => Exit::Invariant,
        None => Exit::Done,
    }
}

impl From<ReplayFileError> for Failure {
    fn from(error: ReplayFileError) -> Self {
        match error {
            ReplayFileError::Scenario(error) => (*error).into(),
            ReplayFileError::Unpack { .. } => Self::plain(Exit::Failed, error),
            error => Self::plain(Exit::Usage, error),
        }
    }
}

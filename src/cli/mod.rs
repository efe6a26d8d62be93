//! The command line: parses arguments, runs a subcommand, renders its output and sets the exit code.

mod builds;
mod capacity;
mod chain;
mod check;
mod compare;
mod completions;
mod devnet;
mod doctor;
mod exit;
mod funder;
mod gas;
mod hunt;
mod init;
mod junit;
mod log;
mod metrics;
mod output;
mod parallel;
mod plan;
mod proxy;
mod replay;
mod report;
mod run;
mod scenario;
mod schema;
mod signals;
mod stderr;
mod sweep;
mod threshold;

use std::{env, process::ExitCode};

use clap::{Parser, Subcommand};

pub use exit::{Exit, Failure};

use crate::{report::Style, text};

/// Simulate and load-test on-chain task lifecycles.
///
/// Exit codes: 0 done · 1 unexpected failure, or tasks left open · 2 bad usage or bad scenario · 3 the chain could not
/// be found, started or reached, or was lost · 4 a threshold failed or a comparison regressed · 5 an invariant was violated, or a hunt found something · 130 interrupted.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    verbosity: log::Verbosity,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Args),
    Check(check::Args),
    Plan(plan::Args),
    Init(init::Args),
    Schema(schema::Args),
    Capacity(capacity::Args),
    Sweep(sweep::Args),
    Report(report::Args),
    Gas(gas::Args),
    Parallel(parallel::Args),
    Hunt(hunt::Args),
    Replay(replay::Args),
    Compare(compare::Args),
    Devnet(devnet::Args),
    Proxy(proxy::Args),
    Doctor(doctor::Args),
    Metrics(metrics::Args),
    Completions(completions::Args),
}

impl Cli {
    /// Reads the arguments of this process.
    ///
    /// # Errors
    /// The exit code, where they ask for help or the version, or are wrong. Both have been printed then.
    pub fn of_process() -> Result<Self, ExitCode> {
        Self::try_parse().map_err(|error| {
            let rendered = error.render();
            // Without colours it is without the escape sequences of the arguments, too: these have to be looked at.
            let safe = env::args_os().all(|argument| text::is_safe(&argument.to_string_lossy()));
            let render = |coloured| {
                if coloured && safe {
                    rendered.ansi().to_string()
                } else {
                    rendered.to_string()
                }
            };
            if error.use_stderr() {
                stderr::show(render);
                return Exit::Usage.into();
            }
            match output::print_styled(|style| render(style == Style::Coloured)) {
                Ok(()) => Exit::Done.into(),
                Err(failure) => failure.report(),
            }
        })
    }

    /// Does what the command line asks for, and returns the process's exit code. Failures are reported on stderr.
    #[must_use]
    pub fn run(self) -> ExitCode {
        log::start(self.verbosity);
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return Failure::unexpected(error).report(),
        };
        let quiet = self.verbosity.is_quiet();
        let done = runtime.block_on(async {
            signals::survive_file_size_limit();
            match self.command {
                Command::Run(args) => run::run(args, quiet).await,
                Command::Check(args) => check::run(&args),
                Command::Plan(args) => plan::run(&args),
                Command::Init(args) => init::run(&args),
                Command::Schema(args) => schema::run(&args),
                Command::Capacity(args) => capacity::run(args).await,
                Command::Sweep(args) => sweep::run(args).await,
                Command::Report(args) => report::run(&args),
                Command::Gas(args) => gas::run(&args),
                Command::Parallel(args) => parallel::run(&args),
                Command::Hunt(args) => hunt::run(args, quiet),
                Command::Replay(args) => replay::run(&args),
                Command::Compare(args) => compare::run(args, quiet).await,
                Command::Devnet(args) => devnet::run(args).await,
                Command::Proxy(args) => proxy::run(args).await,
                Command::Doctor(args) => doctor::run(args).await,
                Command::Metrics(args) => metrics::run(&args),
                Command::Completions(args) => completions::run(&args),
            }
        });
        // Not waiting for what still blocks, an installation that was interrupted say: what it started is guarded.
        runtime.shutdown_background();
        match done {
            Ok(exit) => exit.into(),
            Err(failure) => failure.report(),
        }
    }
}

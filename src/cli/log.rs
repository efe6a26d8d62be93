//! What is told on stderr besides progress.

use std::{
    env,
    io::{self, IsTerminal},
};

use clap::Args;
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// How much is told.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Verbosity {
    /// Say nothing on stderr but warnings and errors; no progress.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more on stderr; twice for everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

impl Verbosity {
    /// Whether progress is to be left out.
    pub(super) const fn is_quiet(self) -> bool {
        self.quiet
    }
}

/// Sends log lines to stderr. `RUST_LOG` refines what the flags say.
pub(super) fn start(verbosity: Verbosity) {
    let level = match (verbosity.quiet, verbosity.verbose) {
        (true, _) => LevelFilter::WARN,
        (false, 0) => LevelFilter::INFO,
        (false, 1) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    // What the libraries below say of a lost connection, say, is told again in the run's own words.
    let of_others = if verbosity.verbose == 0 {
        LevelFilter::OFF
    } else {
        LevelFilter::WARN
    };
    let filter = EnvFilter::builder()
        .with_default_directive(of_others.into())
        .from_env_lossy()
        .add_directive(
            format!("taskstorm={level}")
                .parse()
                .unwrap_or_else(|_| level.into()),
        );
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(is_colourful())
        .with_target(false)
        .without_time()
        .compact();
    // Only fails where a subscriber is set already, as in a process that calls this twice.
    let _ = subscriber.try_init();
}

/// Colours are for terminals, and for those who have not set `NO_COLOR`.
fn is_colourful() -> bool {
    io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

//! What is told on stderr besides progress.

use std::{
    env,
    io::{self, IsTerminal, Write},
};

use clap::Args;
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use crate::report::beside_the_bar;

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
        .with_writer(|| Stderr)
        .with_ansi(is_colourful())
        .with_target(false)
        .without_time()
        .compact();
    // Only fails where a subscriber is set already, as in a process that calls this twice.
    let _ = subscriber.try_init();
}

/// Standard error, on which a bar may be drawn. Each log line comes in one piece.
struct Stderr;

impl Write for Stderr {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        beside_the_bar(|| io::stderr().write(line))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Colours are for terminals, and for those who have not set `NO_COLOR`.
fn is_colourful() -> bool {
    io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

//! Logging to stderr, beside progress.

use std::{
    env, fmt,
    io::{self, Write},
};

use clap::Args;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    filter::LevelFilter,
    fmt::{
        FmtContext, FormatFields,
        format::{FormatEvent, Writer},
    },
    registry::LookupSpan,
};

use super::stderr;
use crate::text;

/// The log level.
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
    // What the libraries below say of a lost connection, say, is reported again by the run itself.
    let of_others = if verbosity.verbose == 0 {
        LevelFilter::OFF
    } else {
        LevelFilter::WARN
    };
    let builder = EnvFilter::builder().with_default_directive(of_others.into());
    let asked = env::var("RUST_LOG").unwrap_or_default();
    let (filter, ignored) = match builder.parse(&asked) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::default().add_directive(of_others.into()), Some(error)),
    };
    let filter = filter.add_directive(
        format!("taskstorm={level}")
            .parse()
            .unwrap_or_else(|_| level.into()),
    );
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Stderr)
        .with_ansi(stderr::is_coloured())
        // It would tell on stderr that stderr cannot be written to, and panic.
        .log_internal_errors(false)
        .event_format(Line);
    // Only fails where a subscriber is set already, as in a process that calls this twice.
    let _ = subscriber.try_init();
    if let Some(error) = ignored {
        tracing::warn!("RUST_LOG is ignored: {error}");
    }
}

/// Standard error as the log writes to it: each line in one piece, and never failing.
struct Stderr;

impl Write for Stderr {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        stderr::write(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The format of a log line: the level and the message, in which no control character from outside is left.
struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let level = *event.metadata().level();
        if writer.has_ansi_escapes() {
            let colour = match level {
                Level::ERROR => 31,
                Level::WARN => 33,
                Level::INFO => 32,
                Level::DEBUG => 34,
                Level::TRACE => 35,
            };
            write!(writer, "\u{1b}[{colour}m{level:>5}\u{1b}[0m ")?;
        } else {
            write!(writer, "{level:>5} ")?;
        }
        let mut message = String::new();
        context.format_fields(Writer::new(&mut message), event)?;
        writeln!(writer, "{}", text::block(&message))
    }
}

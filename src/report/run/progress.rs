//! Progress on stderr while a run goes on. Stdout is never touched.

use std::{
    fmt::{self, Write as _},
    io::{self, IsTerminal, Write},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    format::human,
    record::{Progress, TimeSource},
    time::Micros,
};

/// Wall-clock time between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// The bar that is on the terminal: there is one terminal, too.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

fn shown() -> MutexGuard<'static, Option<ProgressBar>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes something else to the terminal: the bar, if there is one, makes room for it.
pub fn beside_the_bar<R>(write: impl FnOnce() -> R) -> R {
    let bar = shown().clone();
    match bar {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgressMode {
    /// A bar that is drawn over and over, on a terminal.
    Bar,
    /// A plain line every 5 seconds.
    Lines,
    /// Not at all.
    Quiet,
}

impl ProgressMode {
    /// A bar if stderr is a terminal, else lines; nothing if asked to be quiet.
    #[must_use]
    pub fn detect(quiet: bool) -> Self {
        if quiet {
            Self::Quiet
        } else if io::stderr().is_terminal() {
            Self::Bar
        } else {
            Self::Lines
        }
    }
}

/// Shows a run's progress. Errors in writing it, a closed stderr say, are ignored: they are no reason to end a run.
pub struct ProgressDisplay {
    clock: TimeSource,
    output: Output,
}

enum Output {
    Bar(ProgressBar),
    Lines {
        writer: Box<dyn Write + Send>,
        every: Duration,
        last: Option<Instant>,
    },
    Quiet,
}

impl ProgressDisplay {
    /// A display on stderr.
    #[must_use]
    pub fn new(mode: ProgressMode, clock: TimeSource) -> Self {
        match mode {
            ProgressMode::Bar => Self {
                clock,
                output: Output::Bar(bar()),
            },
            ProgressMode::Lines => Self::lines(io::stderr(), LINE_EVERY, clock),
            ProgressMode::Quiet => Self {
                clock,
                output: Output::Quiet,
            },
        }
    }

    /// Plain lines on any writer, at least `every` of wall-clock time apart.
    #[must_use]
    pub fn lines(writer: impl Write + Send + 'static, every: Duration, clock: TimeSource) -> Self {
        Self {
            clock,
            output: Output::Lines {
                writer: Box::new(writer),
                every,
                last: None,
            },
        }
    }

    /// Shows how far the run is; meant to be called a few times a second.
    pub fn update(&mut self, progress: &Progress) {
        match &mut self.output {
            Output::Bar(bar) => {
                let tasks = progress.recorded.tasks_over();
                match progress.tasks_planned {
                    Some(planned) => bar.set_length(planned),
                    None => bar.unset_length(),
                }
                bar.set_position(tasks);
                bar.set_message(lines(progress, self.clock).join("\n"));
            }
            Output::Lines { writer, every, last } => {
                if last.is_none_or(|last| last.elapsed() >= *every) {
                    *last = Some(Instant::now());
                    let line = lines(progress, self.clock).join(" · ");
                    let _ = writeln!(writer, "{line}").and_then(|()| writer.flush());
                }
            }
            Output::Quiet => {}
        }
    }

    /// Takes the bar off the terminal, so that the summary stands alone.
    pub fn finish(self) {
        if let Output::Bar(bar) = self.output {
            *shown() = None;
            bar.finish_and_clear();
        }
    }
}

impl fmt::Debug for ProgressDisplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgressDisplay")
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar:.cyan/dim} {pos}/{len} tasks\n{msg}")
        .expect("the template is well-formed");
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8)).with_style(style);
    *shown() = Some(bar.clone());
    bar
}

/// How much faster than real time a simulation goes, and how much real time it will take yet if its tasks go on at
/// the same pace.
fn pace(progress: &Progress, real: Duration) -> String {
    let faster = Duration::from(progress.elapsed).as_secs_f64() / real.as_secs_f64().max(1e-6);
    let mut text = format!(" ({faster:.0}× real time");
    let over = progress.recorded.tasks_over();
    if let Some(left) = progress
        .tasks_planned
        .and_then(|planned| planned.checked_sub(over))
        && over > 0
    {
        let eta = real.mul_f64(left as f64 / over as f64);
        let _ = write!(text, ", {} to go", human::time_us(Micros::from(eta).0));
    }
    text.push(')');
    text
}

/// What there is to say, in two lines.
fn lines(progress: &Progress, clock: TimeSource) -> [String; 2] {
    let recorded = &progress.recorded;
    let mut tasks = human::time_us(progress.elapsed.0);
    if clock == TimeSource::Virtual {
        tasks.push_str(" simulated");
    }
    if let Some(real) = progress.real {
        tasks.push_str(&pace(progress, real));
    }
    let _ = write!(tasks, " · tasks: {}", human::count(recorded.tasks_ended));
    if let Some(planned) = progress.tasks_planned {
        let _ = write!(tasks, " of {}", human::count(planned));
    }
    tasks.push_str(" ended");
    for (phase, count) in &progress.tasks {
        if *count > 0 && !phase.is_over() {
            let _ = write!(tasks, ", {} {}", human::count(*count), phase.name());
        }
    }
    if recorded.tasks_dropped > 0 {
        let _ = write!(tasks, ", {} dropped", human::count(recorded.tasks_dropped));
    }
    if recorded.tasks_failed > 0 {
        let _ = write!(tasks, ", {} failed", human::count(recorded.tasks_failed));
    }
    let mut chain = format!("{} tx/s", human::rate(recorded.transactions_per_s));
    if let (Some(p50), Some(p99)) = (recorded.response_p50_us, recorded.response_p99_us) {
        let _ = write!(
            chain,
            " · response p50 {}, p99 {}",
            human::time_us(p50),
            human::time_us(p99)
        );
    }
    let _ = write!(chain, " · {} in flight", human::count(progress.in_flight));
    if recorded.failed > 0 {
        let _ = write!(chain, ", {} failed", human::count(recorded.failed));
    }
    if let Some(block) = recorded.block_number {
        let _ = write!(chain, " · block {}", human::count(block));
    }
    if recorded.violated > 0 {
        let _ = write!(
            chain,
            " · {} broken",
            human::counted(recorded.violated, "invariant")
        );
    }
    [tasks, chain]
}

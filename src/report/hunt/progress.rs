//! Progress of a hunt on stderr. Stdout is never touched.

use std::{
    io::{self, Write as _},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::text::length;
use crate::{
    hunt::{Finding, HuntProgress},
    report::run::ProgressMode,
    text,
};

/// Time between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows how far a hunt is, and what it found. A stderr that takes no more is no reason to end a hunt.
#[derive(Debug)]
pub struct HuntDisplay {
    mode: ProgressMode,
    bar: ProgressBar,
    last: Option<Instant>,
}

impl HuntDisplay {
    /// A display on stderr.
    #[must_use]
    pub fn new(mode: ProgressMode) -> Self {
        let bar = ProgressBar::no_length();
        let target = match mode {
            ProgressMode::Bar => ProgressDrawTarget::stderr(),
            ProgressMode::Lines | ProgressMode::Quiet => ProgressDrawTarget::hidden(),
        };
        bar.set_draw_target(target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        Self {
            mode,
            bar,
            last: None,
        }
    }

    /// Shows how far it is.
    pub fn update(&mut self, progress: &HuntProgress) {
        let seconds = progress.took.as_secs_f64().max(1e-9);
        let line = format!(
            "{:.0} s · {} runs ({:.0}/s) · coverage {} · states {} · findings {}",
            seconds,
            progress.runs,
            progress.runs as f64 / seconds,
            progress.coverage,
            progress.shapes,
            progress.findings
        );
        match self.mode {
            ProgressMode::Bar => {
                self.bar.set_message(line);
                self.bar.tick();
            }
            ProgressMode::Lines if self.last.is_none_or(|last| last.elapsed() >= LINE_EVERY) => {
                self.last = Some(Instant::now());
                self.say(&line);
            }
            ProgressMode::Lines | ProgressMode::Quiet => {}
        }
    }

    /// Tells of something that was found and will be shrunk.
    pub fn found(&mut self, finding: &Finding) {
        if self.mode != ProgressMode::Quiet {
            let Finding {
                broken,
                run,
                found_after,
                ..
            } = finding;
            self.say(&format!(
                "found in run {run}, after {} transactions: {}: {}",
                found_after, broken.rule, broken.detail
            ));
        }
    }

    /// Tells how short it became.
    pub fn shrunk(&mut self, finding: &Finding) {
        if self.mode != ProgressMode::Quiet {
            self.say(&format!("shrunk to {}: {}", length(finding), finding.name()));
        }
    }

    /// Takes the display away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&self, line: &str) {
        let line = text::line(line);
        self.bar.suspend(|| {
            let _ = writeln!(io::stderr(), "{line}");
        });
    }
}

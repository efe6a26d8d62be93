//! The wall clock of a run.

use std::time::Instant;

use crate::time::Micros;

/// Tells how long ago the run started. Copies tell the same time.
#[derive(Clone, Copy, Debug)]
pub struct RunClock(Instant);

impl RunClock {
    /// A clock of a run that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the run started.
    #[must_use]
    pub fn now(&self) -> Micros {
        self.0.elapsed().into()
    }

    /// The instant at which this clock shows `at`.
    #[must_use]
    pub fn instant(&self, at: Micros) -> Instant {
        self.0 + std::time::Duration::from(at)
    }
}

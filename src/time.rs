//! The run's clock reading: microseconds since the run started.

use std::{
    fmt,
    ops::{Add, Sub},
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// A moment of a run in microseconds since it started; wall-clock or virtual, as the driver's clock is.
///
/// Ranges over about 584,000 years; arithmetic saturates at both ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub u64);

impl Micros {
    /// The start of the run.
    pub const ZERO: Self = Self(0);

    /// How long after `earlier` this is, in microseconds; 0 if it is not after it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl From<Duration> for Micros {
    fn from(since_start: Duration) -> Self {
        Self(u64::try_from(since_start.as_micros()).unwrap_or(u64::MAX))
    }
}

impl From<Micros> for Duration {
    fn from(moment: Micros) -> Self {
        Self::from_micros(moment.0)
    }
}

impl Add<Duration> for Micros {
    type Output = Self;

    fn add(self, delay: Duration) -> Self {
        Self(self.0.saturating_add(Self::from(delay).0))
    }
}

impl Sub for Micros {
    type Output = Duration;

    /// The time from `earlier` to this; zero if it is not after it.
    fn sub(self, earlier: Self) -> Duration {
        Duration::from_micros(self.since(earlier))
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} s", self.0 as f64 / 1e6)
    }
}

//! Warm-up and cool-down: the part of the load that the main figures cover.

use std::time::Duration;

/// Which part of the load the main figures are of. What lies before and after it is run and reported apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// What is left out at the beginning of the load.
    pub warm_up: WarmUp,
    /// What is left out at its end: so long before its planned end, and all after it. Default 0.
    pub cool_down: Duration,
}

impl Measure {
    /// Longest warm-up and cool-down: a week.
    pub const MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);

    /// Whether the whole load is measured.
    #[must_use]
    pub fn is_everything(self) -> bool {
        self == Self::default()
    }
}

/// What is left out at the beginning of the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmUp {
    /// What was meant to be sent in its first so long. Default 0.
    Fixed(Duration),
    /// What comes before the truncation point that MSER-5 finds in the tasks' total times.
    Auto,
}

impl Default for WarmUp {
    fn default() -> Self {
        Self::Fixed(Duration::ZERO)
    }
}

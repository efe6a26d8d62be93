//! Settings of a capacity search.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How a capacity is searched for, and when the search gives up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CapacitySettings {
    /// The rate that it begins with, in tasks per second.
    pub from_per_s: f64,
    /// The highest rate that it tries, in tasks per second.
    pub max_rate_per_s: f64,
    /// How far the rate that holds and the one that does not may be apart in the end, as a share of the lower; also how
    /// much of what arrives may pile up in a step that is steady, up to [`CapacitySettings::MOST_GROWTH`]. More than 0,
    /// less than 1.
    pub tolerance: f64,
    /// Of how many runs at the edge the majority decides, from 1.
    pub repeats: u32,
    /// How long tasks arrive in each step.
    pub step_duration: Duration,
    /// Most steps.
    pub max_steps: u32,
    /// No step begins after so long, in real time.
    pub max_time: Duration,
}

impl CapacitySettings {
    /// The most of what arrives that may pile up in a step that is steady: 2 %, however roughly the capacity is asked for.
    pub const MOST_GROWTH: f64 = 0.02;
    /// The default of [`CapacitySettings::tolerance`], 2 %.
    pub const TOLERANCE: f64 = 0.02;
    /// The default of [`CapacitySettings::repeats`].
    pub const REPEATS: u32 = 3;
    /// The default of [`CapacitySettings::step_duration`].
    pub const STEP_DURATION: Duration = Duration::from_secs(60);
    /// The default of [`CapacitySettings::max_steps`].
    pub const MAX_STEPS: u32 = 40;
    /// The default of [`CapacitySettings::max_time`].
    pub const MAX_TIME: Duration = Duration::from_secs(3600);
    /// Fewest tasks that a step may have: fewer tell nothing of a rate.
    pub const LEAST_TASKS: f64 = 20.0;

    /// The lowest rate that a search tries, in tasks per second.
    #[must_use]
    pub fn min_rate_per_s(&self) -> f64 {
        (Self::LEAST_TASKS / self.step_duration.as_secs_f64()).min(self.from_per_s)
    }
}

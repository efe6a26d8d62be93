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
    /// How exactly the capacity is to be known: its confidence interval reaches so far from it to either side at most, as a
    /// share of it; the highest rate that holds and the lowest that does not are apart by as much at most. More than 0, less
    /// than 1.
    pub tolerance: f64,
    /// Most runs at a rate, each with another seed, after which a condition that is too close to its bound is left
    /// undecided, from 1. With 1, a single run decides.
    pub repeats: u32,
    /// How long tasks arrive in the shortest steps.
    pub step_duration: Duration,
    /// How long they arrive at most in a step that is lengthened, doubling its length.
    pub max_step_duration: Duration,
    /// Most steps.
    pub max_steps: u32,
    /// No step begins after so long, in real time.
    pub max_time: Duration,
}

impl CapacitySettings {
    /// How often an interval covers the capacity.
    pub const CONFIDENCE: f64 = 0.95;
    /// The default of [`CapacitySettings::tolerance`], 5 %.
    pub const TOLERANCE: f64 = 0.05;
    /// The default of [`CapacitySettings::repeats`].
    pub const REPEATS: u32 = 5;
    /// The default of [`CapacitySettings::step_duration`].
    pub const STEP_DURATION: Duration = Duration::from_secs(60);
    /// The default of [`CapacitySettings::max_step_duration`] over the step duration.
    pub const LENGTHENED: u32 = 32;
    /// The default of [`CapacitySettings::max_steps`].
    pub const MAX_STEPS: u32 = 60;
    /// The default of [`CapacitySettings::max_time`].
    pub const MAX_TIME: Duration = Duration::from_secs(3600);
    /// Fewest tasks that a step may have: fewer tell nothing of a rate.
    pub const LEAST_TASKS: f64 = 20.0;

    /// How often the length of a step may be doubled.
    #[must_use]
    pub fn most_doublings(&self) -> u32 {
        let times = self.max_step_duration.as_secs_f64() / self.step_duration.as_secs_f64();
        times.log2().clamp(0.0, 31.0) as u32
    }

    /// The length of a step after so many doublings.
    #[must_use]
    pub fn length(&self, doublings: u32) -> Duration {
        self.step_duration.saturating_mul(1 << doublings.min(31))
    }

    /// The lowest rate that a search tries, in tasks per second.
    #[must_use]
    pub fn min_rate_per_s(&self) -> f64 {
        (Self::LEAST_TASKS / self.step_duration.as_secs_f64()).min(self.from_per_s)
    }
}

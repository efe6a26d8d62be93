//! Rates of a result: what was offered, and what was achieved.

use serde::{Deserialize, Serialize};

use crate::time::Micros;

/// What was done per second under load; `None` of what was not measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Offered rate: tasks that arrived after the first arrival, over the time from it to the last. Dropped tasks count.
    #[serde(default)]
    pub tasks_offered_per_s: Option<f64>,
    /// Steady-state rate: tasks that ended with a result per second of [`Rates::steady_state`].
    #[serde(default)]
    pub tasks_steady_per_s: Option<f64>,
    /// Achieved rate: tasks that ended with a result, over the time from the load's start to the last task's end. Filling
    /// and draining are in it.
    pub tasks_per_s: Option<f64>,
    /// Transactions in blocks, those of setup and of management apart, over the time from the load's start to the last
    /// one's inclusion.
    pub transactions_per_s: Option<f64>,
    /// The arrivals that the offered rate is of.
    #[serde(default)]
    pub arrivals: Option<ArrivalWindow>,
    /// The window of the steady-state rate; `None` if the run was too short for one.
    #[serde(default)]
    pub steady_state: Option<SteadyState>,
}

/// When tasks arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrivalWindow {
    /// How many tasks arrived.
    pub tasks: u64,
    /// How many of them at the first moment.
    pub tasks_at_first: u64,
    /// The first arrival.
    pub first_us: Micros,
    /// The last arrival.
    pub last_us: Micros,
}

impl ArrivalWindow {
    /// Time from the first arrival to the last, in µs.
    #[must_use]
    pub const fn length_us(&self) -> u64 {
        self.last_us.since(self.first_us)
    }
}

/// The stretch of a run in which tasks arrived and ended side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SteadyState {
    /// The first end of a task once the run was filled: no earlier than the 90th percentile of the task time after the
    /// first arrival. Its own tasks do not count.
    pub from_us: Micros,
    /// The last end of a task before the last arrival.
    pub to_us: Micros,
    /// Tasks that ended with a result in between.
    pub tasks_ended: u64,
}

impl SteadyState {
    /// The smallest number of tasks that must end in a steady state.
    pub const LEAST_TASKS: u64 = 20;

    /// Whether it is long enough for a rate, where tasks arrived for so long: a quarter of that, and
    /// [`SteadyState::LEAST_TASKS`] ends.
    #[must_use]
    pub const fn is_long_enough(&self, arrivals_us: u64) -> bool {
        self.tasks_ended >= Self::LEAST_TASKS && self.to_us.since(self.from_us) >= arrivals_us / 4
    }
}

//! Results by measurement window, of a run with a warm-up or a cool-down.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{SpanResult, Stats};
use crate::{
    protocol::{Phase, TaskSpan},
    record::MeasurementWindow,
    time::Micros,
};

/// What the main figures are of, and what lies apart. Response and service times, the durations of tasks' phases, rates
/// and the generator's lateness are of the main window alone; counts, gas, failures and blocks are of the whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowsResult {
    /// How the end of the warm-up was found.
    pub warm_up: WarmUpResult,
    /// When the main window begins; things belong to a window by their intended time. `None` if the load never began.
    pub main_from_us: Option<Micros>,
    /// When the cool-down begins; `None` if there is none.
    pub cool_down_from_us: Option<Micros>,
    /// Every window.
    pub parts: BTreeMap<MeasurementWindow, WindowResult>,
}

/// How the end of the warm-up was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "cut", content = "reason")]
pub enum WarmUpResult {
    /// The scenario says how long it is.
    Fixed,
    /// It is the truncation point of MSER-5; why there.
    Mser5(String),
    /// MSER-5 found no steady state, so nothing is left out; why not.
    NoSteadyState(String),
}

/// The result of one window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WindowResult {
    /// Transactions that were meant to be sent in it.
    pub transactions: u64,
    /// Tasks that were meant to be submitted in it, and were.
    pub tasks_submitted: u64,
    /// Those of them that ended with a result, whenever that was.
    pub tasks_ended: u64,
    /// Tasks that were dropped in it.
    pub tasks_dropped: u64,
    /// Times of its transactions per phase; only phases with any in a block.
    pub phases: BTreeMap<Phase, WindowTimes>,
    /// The duration of the phases of its tasks; every span is there.
    pub task_phases: BTreeMap<TaskSpan, SpanResult>,
    /// The generator's lateness in µs.
    pub lateness_us: Option<Stats>,
}

/// Times of transactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WindowTimes {
    /// Response time in µs.
    pub response_us: Option<Stats>,
    /// Service time in µs.
    pub service_us: Option<Stats>,
}

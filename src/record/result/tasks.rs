//! Results of tasks: outcomes, and how long their phases took.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Stats;
use crate::protocol::TaskPhase;

/// Tasks by outcome: submitted = ended + failed + unfinished; offered by the load = submitted + dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskCounts {
    /// All that an owner asked to submit.
    pub submitted: u64,
    /// Ended with at least one result.
    pub ended: u64,
    /// Never queued, or ended without a result.
    pub failed: u64,
    /// Neither when the run stopped.
    pub unfinished: u64,
    /// Never submitted: when they arrived, as many tasks of their group were in flight as `max_in_flight` allows.
    #[serde(default)]
    pub dropped: u64,
    /// The ways in which tasks ended, failed ones included: of protocols that have several.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ended_as: BTreeMap<String, u64>,
    /// The reason why some failed: reason → count; at most 50 reasons, the rest as `other reasons`. Those that differ in their
    /// arguments alone are one.
    pub failed_by_reason: BTreeMap<String, u64>,
    /// An example of each of these that stands for several.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reason_examples: BTreeMap<String, String>,
    /// Where the unfinished ones stood.
    pub unfinished_by_phase: BTreeMap<TaskPhase, u64>,
}

impl TaskCounts {
    /// All tasks that the load offered, those that were dropped included.
    #[must_use]
    pub const fn offered(&self) -> u64 {
        self.submitted + self.dropped
    }
}

/// The duration of one span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpanResult {
    /// Duration in µs, of every task that reached both ends of the span, whatever became of it later.
    pub duration_us: Option<Stats>,
}

//! Progress of a run while it goes on.

use std::{collections::BTreeMap, time::Duration};

use crate::{protocol::TaskPhase, time::Micros};

/// A run at one moment: what its driver knows, and what was recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Time since the run started, on the run's clock.
    pub elapsed: Micros,
    /// Real time that this took; `None` where the run's clock is the real one.
    pub real: Option<Duration>,
    /// Tasks by where they stand; states without tasks may be missing.
    pub tasks: BTreeMap<TaskPhase, u64>,
    /// Tasks that the run will submit in all; `None` if that is open.
    pub tasks_planned: Option<u64>,
    /// Transactions that were handed to the node and have no outcome yet.
    pub in_flight: u64,
    /// What was recorded, from [`super::Recorder::snapshot`].
    pub recorded: Snapshot,
}

impl Snapshot {
    /// Planned tasks that are over, one way or another.
    #[must_use]
    pub const fn tasks_over(&self) -> u64 {
        self.tasks_ended + self.tasks_failed + self.tasks_dropped
    }
}

/// What a recorder has at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Transactions with an outcome.
    pub transactions: u64,
    /// Those that are in a block.
    pub in_blocks: u64,
    /// Those that reverted, were refused or lost.
    pub failed: u64,
    /// Tasks that ended.
    pub tasks_ended: u64,
    /// Tasks that failed.
    pub tasks_failed: u64,
    /// Tasks that were never submitted, since too many were in flight.
    pub tasks_dropped: u64,
    /// Transactions in blocks per second, over the last seconds.
    pub transactions_per_s: f64,
    /// Median response time so far in µs, setup's apart.
    pub response_p50_us: Option<u64>,
    /// 99th percentile of response time so far in µs, setup's apart.
    pub response_p99_us: Option<u64>,
    /// The latest block.
    pub block_number: Option<u64>,
    /// Invariants that did not hold.
    pub violated: u64,
}

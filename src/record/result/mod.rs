//! [`RunResult`]: everything that a run's outputs are made from.

mod consistency;
mod misbehaviour;
mod node;
mod rates;
mod stats;
mod tasks;
mod transactions;
mod windows;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use misbehaviour::MisbehaviourResult;
pub use node::{FundingResult, NodeResult};
pub use rates::{ArrivalWindow, Rates, SteadyState};
pub use stats::Stats;
pub use tasks::{SpanResult, TaskCounts};
pub use transactions::{Failures, FunctionResult, PhaseResult, TransactionCounts};
pub use windows::{WarmUpResult, WindowResult, WindowTimes, WindowsResult};

use super::{ChainFacts, ScenarioFacts, StopReason, TimeSource};
use crate::{
    protocol::{Function, Invariant, Phase, ProtocolSchema, TaskSpan, Violation, being_read},
    time::Micros,
};

/// The version of `summary.json` that this program writes. It grows when a field changes its meaning or goes away,
/// not when one is added.
pub const SCHEMA_VERSION: u32 = 1;

/// The result of a run; `summary.json` is this, and every other output is made from it.
///
/// Quantities that were never measured are `None`. Moments are in µs since the run started; all times are wall-clock
/// or virtual, as `clock` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunResult {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The schema of the protocol that was driven.
    #[serde(default = "being_read")]
    pub protocol: &'static ProtocolSchema,
    /// The version of taskstorm that ran it.
    pub tool_version: String,
    /// The scenario that was run.
    pub scenario: ScenarioFacts,
    /// When the run started (UTC); `None` in virtual time.
    pub started_at: Option<Timestamp>,
    /// The time source.
    pub clock: TimeSource,
    /// The chain that it ran on.
    pub chain: ChainFacts,
    /// Whether it completed and all its files hold all that it measured.
    pub complete: bool,
    /// The reason why it stopped.
    pub stop_reason: StopReason,
    /// The explanation.
    pub stop_message: Option<String>,
    /// The first error in writing `transactions.csv`, `tasks.csv` or `blocks.csv`, which then end early.
    pub journal_error: Option<String>,
    /// The duration, setup included, in µs.
    pub duration_us: Micros,
    /// The stretch of the run that was under load.
    pub load: LoadWindow,
    /// Tasks by outcome.
    pub tasks: TaskCounts,
    /// All transactions by outcome, setup included.
    pub transactions: TransactionCounts,
    /// Transactions per phase; every phase is there. Setup stands apart: it is in no rate.
    pub phases: BTreeMap<Phase, PhaseResult>,
    /// Transactions per function called, by the function's name in its contract; only functions that were called.
    pub functions: BTreeMap<Function, FunctionResult>,
    /// The duration of the phases of tasks; every span is there.
    pub task_phases: BTreeMap<TaskSpan, SpanResult>,
    /// The parts of the load, if not all of it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<WindowsResult>,
    /// What was done per second under load, in the part that was measured.
    pub rates: Rates,
    /// How well the load generator kept its own schedule.
    pub generator: GeneratorResult,
    /// The chain's blocks.
    pub blocks: BlockResult,
    /// Troubles with the node; `None` in virtual time, which has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeResult>,
    /// The protocol's invariants.
    pub invariants: InvariantResult,
    /// What became of dishonest calls; empty where everybody is honest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub misbehaviour: Vec<MisbehaviourResult>,
    /// The thresholds that were asked for, with their verdicts.
    pub thresholds: Vec<ThresholdVerdict>,
}

/// When a run was under load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadWindow {
    /// When setup was done.
    pub setup_end_us: Option<Micros>,
    /// When the first task was meant to be submitted.
    pub start_us: Option<Micros>,
    /// When the last task that ended was seen to end.
    pub last_end_us: Option<Micros>,
    /// When the last block with a transaction of another phase than setup was seen.
    pub last_inclusion_us: Option<Micros>,
}

/// How well the load generator kept its own schedule. Large numbers mean that it, not the chain, was the limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GeneratorResult {
    /// Lateness in µs: sent − intended, of every transaction that was sent, setup's apart.
    pub lateness_us: Option<Stats>,
}

/// The blocks that a run saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BlockResult {
    /// The number.
    pub count: u64,
    /// The lowest number.
    pub first: Option<u64>,
    /// The highest number.
    pub last: Option<u64>,
    /// All transactions in them, other people's too.
    pub transactions: u64,
    /// Gas that they used, in all.
    pub gas_used_total: u64,
    /// Gas used by each.
    pub gas_used: Option<Stats>,
    /// Gas used over gas limit, of all blocks together, 0 to 1.
    pub fullness_mean: Option<f64>,
    /// Gas used over gas limit of the fullest block, 0 to 1.
    pub fullness_max: Option<f64>,
    /// The lowest base fee in wei per gas.
    pub base_fee_min_wei: Option<u64>,
    /// The highest base fee in wei per gas.
    pub base_fee_max_wei: Option<u64>,
}

/// The invariants that a run checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvariantResult {
    /// Which were checked.
    pub checked: BTreeSet<Invariant>,
    /// The number of times that one did not hold.
    pub violated: u64,
    /// The same per invariant; only those that did not hold.
    pub violated_by_invariant: BTreeMap<Invariant, u64>,
    /// The first 100 times.
    pub violations: Vec<Violation>,
}

/// A threshold and whether the result keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThresholdVerdict {
    /// The threshold as it was written.
    pub expression: String,
    /// The measurement, in the unit of the expression's metric (µs of times, 0 to 1 of shares); `None` if nothing was.
    pub measured: Option<f64>,
    /// Whether the threshold holds; one on something that was never measured does not.
    pub held: bool,
}

impl RunResult {
    /// How long tasks took in all.
    #[must_use]
    pub fn total_time(&self) -> Option<&Stats> {
        self.task_phases.get(&self.protocol.total())?.duration_us.as_ref()
    }

    /// The thresholds that failed.
    pub fn failed_thresholds(&self) -> impl Iterator<Item = &ThresholdVerdict> {
        self.thresholds.iter().filter(|verdict| !verdict.held)
    }

    /// Gas of the lifecycle's transactions, setup and management left out, over the tasks that ended; `None` if none did.
    #[must_use]
    pub fn gas_per_task(&self) -> Option<f64> {
        let lifecycle = self.phases.iter().filter(|(phase, _)| phase.is_lifecycle());
        let gas: u64 = lifecycle.map(|(_, phase)| phase.gas_total).sum();
        (self.tasks.ended > 0).then(|| gas as f64 / self.tasks.ended as f64)
    }

    /// Gas of all transactions in blocks, setup included.
    #[must_use]
    pub fn gas_total(&self) -> u64 {
        self.phases
            .values()
            .map(|phase| phase.gas_total)
            .fold(0, u64::saturating_add)
    }
}

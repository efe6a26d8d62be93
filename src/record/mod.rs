//! Records of a run, and the recorder that turns them into a result.
//!
//! [`Record`] is the only type that crosses from a run to the [`Recorder`]; [`RunResult`] is what every output is made
//! from.

mod block;
mod distribution;
mod facts;
mod flow;
mod gas;
mod gas_profile;
mod histograms;
mod journal;
mod measure;
mod misbehaviour;
mod progress;
mod reasons;
mod recent;
mod recorder;
mod result;
mod rows;
mod tally;
mod task;
mod totals;
mod transaction;
mod undo;

pub use crate::protocol::TxOutcome;
pub use block::BlockRecord;
pub use distribution::Distribution;
pub use facts::{BuildFacts, ChainFacts, RunFacts, ScenarioFacts, SettingOverride, StopReason, TimeSource};
pub use gas_profile::{GasCost, GasProfile, GasProfiler, GasUse};
pub use histograms::{Histograms, NamedHistogram};
pub use journal::{BLOCKS_CSV, Journal, JournalError, Output, TASKS_CSV, TRANSACTIONS_CSV};
pub use measure::{MeasurementWindow, WarmUpEnd, WindowSpec, mser5};
pub use progress::{Progress, Snapshot};
pub use reasons::OTHER_REASONS;
pub use recorder::{Heard, Recorder};
pub use result::{
    ArrivalWindow, BlockResult, Failures, FunctionResult, FundingResult, GeneratorResult, InvariantResult,
    LoadWindow, MisbehaviourResult, NodeResult, PhaseResult, Rates, RunResult, SCHEMA_VERSION, SpanResult,
    Stats, SteadyState, TaskCounts, ThresholdVerdict, TransactionCounts, WarmUpResult, WindowResult,
    WindowTimes, WindowsResult,
};
pub use task::{TaskOutcome, TaskRecord};
pub use totals::Failure;
pub use transaction::TxRecord;

use crate::{protocol::Violation, time::Micros};

/// One thing that a run measured or found. Each transaction and each task yields exactly one record, when nothing
/// about it can change any more or when the run ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Record {
    /// A transaction and what became of it.
    Transaction(TxRecord),
    /// A task and what became of it.
    Task(TaskRecord),
    /// A block of the chain.
    Block(BlockRecord),
    /// An invariant that did not hold.
    Violation(Violation),
}

impl Record {
    /// The moment of the run at which it became final, if it tells one.
    fn moment(&self) -> Option<Micros> {
        match self {
            Self::Transaction(transaction) => transaction.included,
            Self::Task(task) => task.ended,
            Self::Block(block) => Some(block.seen),
            Self::Violation(_) => None,
        }
    }
}

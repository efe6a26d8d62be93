//! What a run measures: [`Record`] is the only type that crosses from a run to the recorder.

mod block;
mod task;
mod transaction;

pub use block::BlockRecord;
pub use task::{TaskOutcome, TaskRecord};
pub use transaction::{TxOutcome, TxRecord};

use crate::protocol::Violation;

/// One thing that a run measured or found. Each transaction and each task yields exactly one record, when nothing
/// about it can change any more or when the run ends.
#[derive(Clone, Debug, PartialEq)]
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

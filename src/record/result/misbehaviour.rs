//! Results of dishonest calls.

use serde::{Deserialize, Serialize};

use crate::protocol::{Behaviour, Function, TaskPhase};

/// Dishonest calls of one behaviour, to one function, about tasks in one phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MisbehaviourResult {
    /// The behaviour.
    pub behaviour: Behaviour,
    /// The function called.
    pub function: Function,
    /// The phase of the task when the call came into a block; `None` of a call about no task, about one that nobody knows, or
    /// that is in no block.
    pub task_phase: Option<TaskPhase>,
    /// In a block, and succeeded.
    pub accepted: u64,
    /// Those of them that must be refused.
    pub wrongly_accepted: u64,
    /// In a block, and reverted.
    pub refused: u64,
    /// In no block: refused by the node, or lost.
    pub lost: u64,
}

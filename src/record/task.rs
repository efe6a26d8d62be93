//! The record of a task.

use serde::{Deserialize, Serialize};

use crate::{
    protocol::{ActorId, Moment, ProtocolSchema, TaskKey, TaskPhase, TaskSpan},
    time::Micros,
};

/// One task, from its intended submission to its end. A moment is `None` if the task never got there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TaskRecord {
    /// Its place in the order in which submissions were asked for, from 0.
    pub id: u64,
    /// Its name on chain; `None` if it was never queued.
    pub key: Option<TaskKey>,
    /// Its key as the contracts have it, where that is more than the name above says.
    pub key_text: Option<String>,
    /// Its id over all sessions.
    pub global_id: Option<u64>,
    /// The owner that submitted it.
    pub owner: ActorId,
    /// When the plan or its owner meant to submit it.
    pub intended: Micros,
    /// When the block was seen that brought it onto the chain.
    pub opened: Option<Micros>,
    /// When each step of the schema was seen.
    pub steps: [Option<Micros>; ProtocolSchema::MOST_STEPS],
    /// When its end was seen.
    pub ended: Option<Micros>,
    /// What the schema counts of it.
    pub counts: [u32; ProtocolSchema::MOST_COUNTS],
    /// The phase of the task.
    pub phase: TaskPhase,
    /// The outcome of it.
    pub outcome: TaskOutcome,
    /// The way in which it ended, of the schema's.
    pub ended_as: Option<&'static str>,
}

/// The outcome of a task.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "reason")]
pub enum TaskOutcome {
    /// Ended with at least one result.
    Ended,
    /// Never queued, or ended with no result, for this reason.
    Failed(String),
    /// The run ended first.
    Unfinished,
    /// Never submitted: when it arrived, as many tasks of its group were in flight as may be.
    Dropped,
}

impl TaskOutcome {
    /// The outcome's name as files write it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Failed(_) => "failed",
            Self::Unfinished => "unfinished",
            Self::Dropped => "dropped",
        }
    }
}

impl TaskRecord {
    /// When a moment of its life was; `None` if it did not come to that.
    #[must_use]
    pub fn moment(&self, moment: Moment) -> Option<Micros> {
        match moment {
            Moment::Intended => Some(self.intended),
            Moment::Opened => self.opened,
            Moment::Step(step) => self.steps.get(usize::from(step)).copied().flatten(),
            Moment::Ended => self.ended,
        }
    }

    /// When it came into a phase; `None` if it did not. Steps come one by one, of several miners: the last so far begins the
    /// next phase only if this one is over.
    #[must_use]
    pub fn phase_start(&self, phase: TaskPhase) -> Option<Micros> {
        self.moment(phase.since()).filter(|_| self.phase >= phase)
    }

    /// Microseconds that a span of it took; `None` if it did not reach both ends.
    #[must_use]
    pub fn span_us(&self, span: TaskSpan) -> Option<u64> {
        Some(self.moment(span.to())?.since(self.moment(span.from())?))
    }

    /// Microseconds from the intended submission to the task's end.
    #[must_use]
    pub fn total_us(&self) -> Option<u64> {
        Some(self.ended?.since(self.intended))
    }
}

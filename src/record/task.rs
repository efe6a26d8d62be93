//! The record of a task.

use serde::{Deserialize, Serialize};

use crate::{
    protocol::{ActorId, TaskKey, TaskPhase, TaskSpan},
    time::Micros,
};

/// One task, from its intended submission to its end. A moment is `None` if the task never got there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TaskRecord {
    /// Its place in the order in which submissions were asked for, from 0.
    pub id: u64,
    /// Its name on chain; `None` if it was never queued.
    pub key: Option<TaskKey>,
    /// Its id over all sessions.
    pub global_id: Option<u64>,
    /// The owner that submitted it.
    pub owner: ActorId,
    /// When the plan or its owner meant to submit it.
    pub intended: Micros,
    /// When the block that queued it was seen.
    pub queued: Option<Micros>,
    /// When the block that assigned it was seen.
    pub assigned: Option<Micros>,
    /// When its first ack was seen.
    pub first_ack: Option<Micros>,
    /// When its last ack was seen.
    pub last_ack: Option<Micros>,
    /// When the end of its precommit phase was seen.
    pub precommit_ended: Option<Micros>,
    /// When its first commit was seen.
    pub first_commit: Option<Micros>,
    /// When its last commit was seen.
    pub last_commit: Option<Micros>,
    /// When the end of its commit phase was seen.
    pub commit_ended: Option<Micros>,
    /// When its end was seen.
    pub ended: Option<Micros>,
    /// Miners that it was assigned to.
    pub miners: u32,
    /// Miners that acked.
    pub acks: u32,
    /// Miners that precommitted.
    pub precommits: u32,
    /// Miners that committed.
    pub commits: u32,
    /// The phase of the task.
    pub phase: TaskPhase,
    /// The outcome of it.
    pub outcome: TaskOutcome,
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
    /// Microseconds that a span of it took; `None` if it did not reach both ends.
    #[must_use]
    pub fn span_us(&self, span: TaskSpan) -> Option<u64> {
        match span {
            TaskSpan::ACK => self.ack_us(),
            TaskSpan::PRECOMMIT => self.precommit_us(),
            TaskSpan::COMMIT => self.commit_us(),
            TaskSpan::END => self.end_us(),
            _ => self.total_us(),
        }
    }

    /// When it came into a phase; `None` if it did not.
    #[must_use]
    pub fn phase_start(&self, phase: TaskPhase) -> Option<Micros> {
        match phase {
            TaskPhase::SUBMITTING => Some(self.intended),
            TaskPhase::ACK => self.queued,
            // Acks come one by one: the last so far ends the phase only if the phase is over.
            TaskPhase::PRECOMMIT => self.last_ack.filter(|_| self.phase > TaskPhase::ACK),
            TaskPhase::COMMIT => self.precommit_ended,
            TaskPhase::END => self.commit_ended,
            _ => self.ended,
        }
    }

    /// When a span of it was over; `None` if it did not come to that.
    #[must_use]
    pub fn span_end(&self, span: TaskSpan) -> Option<Micros> {
        match span {
            TaskSpan::ACK => self.last_ack,
            TaskSpan::PRECOMMIT => self.precommit_ended,
            TaskSpan::COMMIT => self.commit_ended,
            _ => self.ended,
        }
    }

    /// Microseconds from assigned to the last ack.
    #[must_use]
    pub fn ack_us(&self) -> Option<u64> {
        Some(self.last_ack?.since(self.assigned?))
    }

    /// Microseconds from the last ack to the end of the precommit phase.
    #[must_use]
    pub fn precommit_us(&self) -> Option<u64> {
        Some(self.precommit_ended?.since(self.last_ack?))
    }

    /// Microseconds from the end of the precommit phase to the end of the commit phase.
    #[must_use]
    pub fn commit_us(&self) -> Option<u64> {
        Some(self.commit_ended?.since(self.precommit_ended?))
    }

    /// Microseconds from the end of the commit phase to the task's end.
    #[must_use]
    pub fn end_us(&self) -> Option<u64> {
        Some(self.ended?.since(self.commit_ended?))
    }

    /// Microseconds from the intended submission to the task's end.
    #[must_use]
    pub fn total_us(&self) -> Option<u64> {
        Some(self.ended?.since(self.intended))
    }
}

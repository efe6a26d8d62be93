//! The tasks that the run asked for, from the moment they were meant to be submitted to their records.

use alloy::primitives::map::HashMap;

use super::in_flight_limiter::InFlightLimiter;
use crate::{
    protocol::{ActorId, Step, TaskPhase, TaskState},
    record::{TaskOutcome, TaskRecord},
    time::Micros,
};

/// Who submitted each task, and when it was meant to be. Those with a record are forgotten.
#[derive(Debug, Default)]
pub(super) struct Submissions {
    open: HashMap<u64, (ActorId, Micros)>,
    count: u64,
    /// Submissions with a record.
    over: u64,
    /// Those of them that were dropped.
    dropped: u64,
    limiter: InFlightLimiter,
}

impl Submissions {
    /// No submissions yet, limited by `limiter`.
    pub(super) fn limited_by(limiter: InFlightLimiter) -> Self {
        Self {
            limiter,
            ..Self::default()
        }
    }

    /// Whether one more task of this owner may be in flight.
    pub(super) fn may_enter(&self, owner: ActorId) -> bool {
        self.limiter.allows(owner)
    }

    /// The number of tasks that were dropped.
    pub(super) const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Enters a submission and returns its number.
    pub(super) fn enter(&mut self, owner: ActorId, intended: Micros) -> u64 {
        self.limiter.enter(owner);
        let id = self.count;
        self.count += 1;
        self.open.insert(id, (owner, intended));
        id
    }

    /// The number of tasks that were asked for.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Those that have no record yet, in order.
    pub(super) fn open(&self) -> Vec<u64> {
        let mut open: Vec<u64> = self.open.keys().copied().collect();
        open.sort_unstable();
        open
    }

    /// The number of them that are over.
    pub(super) const fn over(&self) -> u64 {
        self.over
    }

    /// The record of a task that was never queued; `None` if it has one.
    pub(super) fn never_queued(&mut self, id: u64, outcome: TaskOutcome) -> Option<TaskRecord> {
        let (owner, intended) = self.open.remove(&id)?;
        self.over += 1;
        self.dropped += u64::from(outcome == TaskOutcome::Dropped);
        self.limiter.leave(owner);
        Some(TaskRecord {
            id,
            key: None,
            global_id: None,
            owner,
            intended,
            queued: None,
            assigned: None,
            first_ack: None,
            last_ack: None,
            precommit_ended: None,
            first_commit: None,
            last_commit: None,
            commit_ended: None,
            ended: None,
            miners: 0,
            acks: 0,
            precommits: 0,
            commits: 0,
            phase: TaskPhase::SUBMITTING,
            outcome,
        })
    }

    /// The task of this record is not over after all: the block that ended it is no longer the chain's.
    pub(super) fn reopen(&mut self, task: &TaskRecord) {
        self.open.insert(task.id, (task.owner, task.intended));
        self.over -= 1;
        self.limiter.enter(task.owner);
    }

    /// The record of a queued task; `None` if the run did not submit it.
    pub(super) fn queued(&mut self, task: &TaskState) -> Option<TaskRecord> {
        let commits = task.reached(Step::Committed) as u32;
        let outcome = match (task.phase, commits) {
            (TaskPhase::ENDED, 0) => TaskOutcome::Failed(no_result(task).to_owned()),
            (TaskPhase::ENDED, _) => TaskOutcome::Ended,
            _ => TaskOutcome::Unfinished,
        };
        let moments = task.moments;
        Some(TaskRecord {
            key: Some(task.key),
            global_id: Some(task.global_id),
            queued: Some(moments.queued),
            assigned: moments.assigned,
            first_ack: moments.first_ack,
            last_ack: moments.last_ack,
            precommit_ended: moments.precommit_ended,
            first_commit: moments.first_commit,
            last_commit: moments.last_commit,
            commit_ended: moments.commit_ended,
            ended: moments.ended,
            miners: task.seats.len() as u32,
            acks: task.reached(Step::Acked) as u32,
            precommits: task.reached(Step::Precommitted) as u32,
            commits,
            phase: task.phase,
            ..self.never_queued(task.submission?, outcome)?
        })
    }
}

/// The reason why a task that ended has no result.
fn no_result(task: &TaskState) -> &'static str {
    if task.reached(Step::Acked) == 0 {
        "ended without a result: no miner acked in time"
    } else if task.reached(Step::Precommitted) == 0 {
        "ended without a result: no miner precommitted in time"
    } else {
        "ended without a result: no miner committed in time"
    }
}

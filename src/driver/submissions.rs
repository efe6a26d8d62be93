//! The tasks that the run asked for, from the moment they were meant to be submitted to their records.

use alloy::primitives::map::HashMap;

use super::in_flight_limiter::InFlightLimiter;
use crate::{
    protocol::{ActorId, ProtocolSchema, TaskPhase, TaskSummary},
    record::{TaskOutcome, TaskRecord},
    time::Micros,
};

/// Who submitted each task, and when it was meant to be. Those with a record are forgotten.
#[derive(Debug)]
pub(super) struct Submissions {
    /// The phase of a task that is not on the chain yet.
    first: TaskPhase,
    open: HashMap<u64, (ActorId, Micros)>,
    count: u64,
    /// Submissions with a record.
    over: u64,
    /// Those of them that were dropped.
    dropped: u64,
    limiter: InFlightLimiter,
}

impl Submissions {
    /// No submissions yet of a protocol, limited by `limiter`.
    pub(super) fn limited_by(limiter: InFlightLimiter, protocol: &ProtocolSchema) -> Self {
        Self {
            first: protocol.task_phases[0],
            open: HashMap::default(),
            count: 0,
            over: 0,
            dropped: 0,
            limiter,
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
            key_text: None,
            global_id: None,
            owner,
            intended,
            opened: None,
            steps: [None; ProtocolSchema::MOST_STEPS],
            ended: None,
            counts: [0; ProtocolSchema::MOST_COUNTS],
            phase: self.first,
            outcome,
            ended_as: None,
        })
    }

    /// The task of this record is not over after all: the block that ended it is no longer the chain's.
    pub(super) fn reopen(&mut self, task: &TaskRecord) {
        self.open.insert(task.id, (task.owner, task.intended));
        self.over -= 1;
        self.limiter.enter(task.owner);
    }

    /// The record of a task that is on the chain; `None` if the run did not submit it.
    pub(super) fn on_chain(&mut self, task: &TaskSummary) -> Option<TaskRecord> {
        let outcome = match &task.failure {
            Some(reason) => TaskOutcome::Failed(reason.clone()),
            None if task.phase.is_over() => TaskOutcome::Ended,
            None => TaskOutcome::Unfinished,
        };
        Some(TaskRecord {
            key: Some(task.key),
            key_text: task.name.clone(),
            global_id: Some(task.global_id),
            opened: Some(task.opened),
            steps: task.steps,
            ended: task.ended,
            counts: task.counts,
            phase: task.phase,
            ended_as: task.outcome,
            ..self.never_queued(task.submission?, outcome)?
        })
    }
}

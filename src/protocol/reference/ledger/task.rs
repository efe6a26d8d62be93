//! The state of a task by its events.

use alloy::primitives::{Address, B256};

use crate::{
    protocol::{TaskKey, TaskPhase},
    time::Micros,
};

/// What the events of one task added up to so far.
#[derive(Clone, Debug)]
pub struct TaskState {
    /// The task.
    pub key: TaskKey,
    /// Its id over all sessions.
    pub global_id: u64,
    /// The run's own number for its submission; `None` if somebody else submitted it.
    pub submission: Option<u64>,
    /// The phase of the task.
    pub phase: TaskPhase,
    /// Its miners, in the order of assignment.
    pub seats: Vec<Seat>,
    /// When each step of it was seen.
    pub moments: Moments,
}

/// One miner's part in a task.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The miner.
    pub miner: Address,
    /// How far it got.
    pub step: Step,
    /// The hash that it precommitted, where the run sent that transaction itself.
    pub hash: Option<B256>,
    /// Keccak-256 of the result that it revealed, where the run sent that transaction itself.
    pub(super) result: Option<B256>,
}

/// How far a miner got with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Was given the task.
    Assigned,
    /// Acked.
    Acked,
    /// Bound itself to a result.
    Precommitted,
    /// Revealed the result.
    Committed,
}

/// When the steps of a task were seen; `None` for those that it has not reached.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moments {
    /// Queued.
    pub queued: Micros,
    /// Assigned to miners.
    pub assigned: Option<Micros>,
    /// First ack.
    pub first_ack: Option<Micros>,
    /// Last ack.
    pub last_ack: Option<Micros>,
    /// End of the precommit phase.
    pub precommit_ended: Option<Micros>,
    /// First commit.
    pub first_commit: Option<Micros>,
    /// Last commit.
    pub last_commit: Option<Micros>,
    /// End of the commit phase.
    pub commit_ended: Option<Micros>,
    /// Its end.
    pub ended: Option<Micros>,
}

impl Moments {
    /// Those between the first and the last, in the order of the schema's steps.
    #[must_use]
    pub const fn steps(&self) -> [Option<Micros>; 7] {
        [
            self.assigned,
            self.first_ack,
            self.last_ack,
            self.precommit_ended,
            self.first_commit,
            self.last_commit,
            self.commit_ended,
        ]
    }
}

impl TaskState {
    /// How many miners it has, and how many acked, precommitted and committed.
    #[must_use]
    pub fn counts(&self) -> [u32; 4] {
        let steps = [Step::Assigned, Step::Acked, Step::Precommitted, Step::Committed];
        steps.map(|step| self.reached(step) as u32)
    }

    /// The reason why it has no result, of one that ended.
    #[must_use]
    pub fn no_result(&self) -> &'static str {
        if self.reached(Step::Acked) == 0 {
            "ended without a result: no miner acked in time"
        } else if self.reached(Step::Precommitted) == 0 {
            "ended without a result: no miner precommitted in time"
        } else {
            "ended without a result: no miner committed in time"
        }
    }

    /// The miners that it was assigned to.
    pub fn miners(&self) -> impl Iterator<Item = Address> {
        self.seats.iter().map(|seat| seat.miner)
    }

    /// The number of its miners that got at least as far as `step`.
    #[must_use]
    pub fn reached(&self, step: Step) -> usize {
        self.seats.iter().filter(|seat| seat.step >= step).count()
    }
}

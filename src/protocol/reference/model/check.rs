//! Checks the chain's state of tasks, sessions and money against the model.

use alloy::primitives::{Address, B256, U256};

use super::{
    Model,
    state::{Seat, Task},
};
use crate::protocol::{Call, Invariant, Step, TaskKey, WindowSeconds};

/// A view of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskViewKind {
    /// [`TaskView::Task`]
    Task,
    /// [`TaskView::Deadlines`]
    Deadlines,
    /// [`TaskView::Steps`] of this step, which is not the assignment
    Steps(Step),
    /// [`TaskView::Hashes`]
    Hashes,
}

impl TaskViewKind {
    /// Every view.
    pub const ALL: [Self; 6] = [
        Self::Task,
        Self::Deadlines,
        Self::Steps(Step::Acked),
        Self::Steps(Step::Precommitted),
        Self::Steps(Step::Committed),
        Self::Hashes,
    ];
}

/// What a contract's view returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskView {
    /// `SessionQueueV2.getTask`
    Task {
        /// Id over all sessions.
        global_id: u64,
        /// Keccak-256 of the payload.
        data: B256,
        /// Its miners, in the order of assignment.
        miners: Vec<Address>,
        /// `TaskStatus` as the contracts number it.
        status: u8,
        /// Whether it has ended.
        ended: bool,
        /// When it was assigned, last precommitted, last committed and ended: block timestamps, 0 for never.
        times: [u64; 4],
    },
    /// `SessionQueueV2.getDeadlines`
    Deadlines {
        /// The last moment of the open phase, 0 if none is open.
        phase: u64,
        /// The last moment at which miners can do anything, 0 once the commit phase is over.
        last: u64,
    },
    /// When each miner took a step, 0 for never: `getAllTaskResult…Timestamps`.
    Steps(Step, Vec<(Address, u64)>),
    /// `SessionQueueV2.getTaskResultHashes`
    Hashes(Vec<(Address, B256)>),
}

/// The first tasks, which are all looked at closely.
const SAMPLED: u64 = 4;
/// Seconds after its last possible deadline within which an oracle must have ended a task.
const SLACK: u64 = 30;

impl Model {
    /// The tasks that ended and are kept, in the order of their global ids.
    #[must_use]
    pub fn kept_tasks(&self) -> Vec<TaskKey> {
        let mut kept: Vec<_> = self
            .tasks
            .iter()
            .filter(|(_, task)| task.ended_at.is_some())
            .map(|(key, task)| (task.global_id, *key))
            .collect();
        kept.sort_unstable();
        kept.into_iter().map(|(_, key)| key).collect()
    }

    /// Whether a task is one of those that are looked at closely: the first ones, and fewer the more there are.
    #[must_use]
    pub fn is_sampled(&self, key: TaskKey) -> bool {
        let sampled = |task: &Task| task.global_id < SAMPLED || task.global_id.is_power_of_two();
        self.tasks.get(&key).is_some_and(sampled)
    }

    /// The miners of a task.
    #[must_use]
    pub fn miners(&self, key: TaskKey) -> Vec<Address> {
        let seats = self
            .tasks
            .get(&key)
            .map(|task| &task.seats[..])
            .unwrap_or_default();
        seats.iter().map(|seat| seat.miner).collect()
    }

    /// Wei that a session's owner may withdraw.
    #[must_use]
    pub fn available(&self, session: u64) -> Option<U256> {
        Some(self.sessions.get(&session)?.available)
    }

    /// Who earned something, in order.
    pub fn earners(&self) -> impl Iterator<Item = Address> {
        self.earnings.keys().copied()
    }

    /// The last moment at which a call about a task is in time, if it is known.
    #[must_use]
    pub fn deadline(&self, call: &Call) -> Option<u64> {
        let task = self.tasks.get(&call.task()?)?;
        match call {
            Call::Ack(_) => Some(task.ack_deadline()),
            Call::Precommit { .. } => Some(task.precommit_deadline()),
            _ => task.deadline(),
        }
    }

    /// Whether anybody may end tasks by force.
    #[must_use]
    pub fn has_oracle(&self) -> bool {
        !self.rules.oracles.is_empty()
    }

    /// Enters the tasks that should have ended by the chain's time `timestamp`, in seconds, and have not (I7). The windows of a
    /// task begin at `withheld` if it was assigned before that.
    pub fn check_liveness(&mut self, timestamp: u64, withheld: u64) {
        let due = |task: &Task| {
            let WindowSeconds {
                ack,
                precommit,
                commit,
            } = task.windows;
            task.assigned_at.max(withheld) + ack + precommit + commit + SLACK
        };
        let overdue = |task: &Task| task.ended_at.is_none() && due(task) < timestamp;
        let mut open: Vec<(TaskKey, u64)> = self
            .tasks
            .iter()
            .filter(|(_, task)| overdue(task))
            .map(|(key, task)| (*key, due(task)))
            .collect();
        open.sort_unstable();
        for (key, due) in open {
            let detail = format!("expected to end by {due} at the latest, is open at {timestamp}");
            self.broken(Invariant::LIVENESS, Some(key), detail);
        }
    }

    /// Holds what the chain says of a task against its events.
    pub fn check_task(&mut self, key: TaskKey, found: &TaskView) {
        let Some(task) = self.tasks.get(&key) else {
            return;
        };
        let expected = self.view(task, found);
        if expected.as_ref().is_some_and(|expected| expected != found) {
            let detail = format!("the chain's state differs: expected {expected:?}, found {found:?}");
            self.broken(Invariant::STATE, Some(key), detail);
        }
    }

    /// What the chain must say of a task, in the form of `found`.
    fn view(&self, task: &Task, found: &TaskView) -> Option<TaskView> {
        let last = |times: &mut dyn Iterator<Item = Option<u64>>| times.flatten().max().unwrap_or(0);
        Some(match found {
            TaskView::Task { .. } => TaskView::Task {
                global_id: task.global_id,
                data: task.data,
                miners: task.seats.iter().map(|seat| seat.miner).collect(),
                status: task.status(),
                ended: task.ended_at.is_some(),
                times: [
                    task.assigned_at,
                    last(&mut task.seats.iter().map(|seat| seat.precommitted)),
                    last(&mut task.seats.iter().map(|seat| seat.committed)),
                    task.ended_at.unwrap_or(0),
                ],
            },
            TaskView::Deadlines { .. } => TaskView::Deadlines {
                phase: task.deadline().unwrap_or(0),
                last: task.last_deadline(),
            },
            TaskView::Steps(step, _) => {
                let time = |seat: &Seat| match step {
                    Step::Assigned => None,
                    Step::Acked => seat.acked,
                    Step::Precommitted => seat.precommitted,
                    Step::Committed => seat.committed,
                };
                let seats = task.seats.iter();
                TaskView::Steps(
                    *step,
                    seats.map(|seat| (seat.miner, time(seat).unwrap_or(0))).collect(),
                )
            }
            TaskView::Hashes(_) => {
                let bound = task.seats.iter().filter(|seat| seat.precommitted.is_some());
                let hashes: Option<Vec<_>> = bound.map(|seat| Some((seat.miner, seat.hash?))).collect();
                TaskView::Hashes(hashes?)
            }
        })
    }

    /// Holds what the chain says that a session has, in wei, against its events.
    pub fn check_balance(&mut self, id: u64, found: [U256; 2]) {
        let Some(session) = self.sessions.get(&id) else {
            return;
        };
        let expected = [session.available, session.reserved];
        if expected != found {
            let detail = format!(
                "session {id}: {} wei available and {} reserved expected, {} and {} found",
                expected[0], expected[1], found[0], found[1]
            );
            self.broken(Invariant::PAYMENT, None, detail);
        }
    }

    /// Holds what the chain says that a miner has earned, in wei, against its tasks.
    pub fn check_earnings(&mut self, miner: Address, found: U256) {
        let expected = self.earnings.get(&miner).copied().unwrap_or_default();
        if expected != found {
            let detail = format!("miner {miner}: {expected} wei of earnings expected, {found} found");
            self.broken(Invariant::PAYMENT, None, detail);
        }
    }

    /// Holds the wei that the session contract has against what sessions and miners have.
    pub fn check_solvency(&mut self, found: U256) {
        let sessions = self
            .sessions
            .values()
            .map(|session| session.available + session.reserved);
        let expected: U256 = sessions.chain(self.earnings.values().copied()).sum();
        if expected != found {
            let detail =
                format!("the session contract holds {found} wei, sessions and miners have {expected}");
            self.broken(Invariant::SOLVENCY, None, detail);
        }
    }

    /// Holds the miners that the chain says a session has, dedicated and drawn, and whether it takes tasks, against its
    /// events.
    pub fn check_members(&mut self, id: u64, own: &[Address], shared: &[Address], active: bool) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let mut found: Vec<_> = own.iter().chain(shared).copied().collect();
        let mut faults = Vec::new();
        if let Some(count) = session.count.take().filter(|_| session.ephemeral.is_none())
            && count != found.len() as u64
        {
            let found = found.len();
            faults.push(format!("session {id}: {count} miners expected, {found} found"));
        }
        // No event told whom it drew: from here on it is known.
        session.ephemeral.get_or_insert_with(|| {
            let drawn = |miner: &&Address| !session.dedicated.contains(miner);
            found.iter().filter(drawn).copied().collect()
        });
        found.sort_unstable();
        if found.windows(2).any(|pair| pair[0] == pair[1]) || found.contains(&Address::ZERO) {
            faults.push(format!("session {id}: a miner twice or nobody among {found:?}"));
        }
        if let Some(mut expected) = session.members() {
            expected.sort_unstable();
            if expected != found {
                faults.push(format!(
                    "session {id}: miners {expected:?} expected, {found:?} found"
                ));
            }
        }
        if let Some(terms) = &session.terms
            && found.len() as u64 > terms.max_nodes
        {
            let (count, most) = (found.len(), terms.max_nodes);
            faults.push(format!(
                "session {id}: at most {most} miners expected, {count} found"
            ));
        }
        if session.active != active {
            faults.push(format!(
                "session {id}: active {} expected, {active} found",
                session.active
            ));
        }
        for fault in faults {
            self.broken(Invariant::STATE, None, fault);
        }
    }
}

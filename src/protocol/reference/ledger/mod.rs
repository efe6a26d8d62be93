//! The ledger: the state of every task by its events, checked against the invariants.

mod holders;
mod money;
mod task;

use alloy::primitives::{Address, Bytes, keccak256, map::HashMap};

use self::holders::Holders;
pub use self::money::Audit;
pub use self::task::{Moments, Seat, Step, TaskState};
use super::{Call, Event, Invariant, TaskKey, TaskPhase, Violation, binding::commit_hash_of};
use crate::time::Micros;

/// Every open task, and the rules they are held to.
///
/// A task that ended stays until [`Ledger::close`] takes it, so that what was read of it can be checked.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    tasks: HashMap<TaskKey, TaskState>,
    /// The next task id of each session.
    next_task: HashMap<u64, u64>,
    next_global: u64,
    /// Whether others submit tasks that are not seen: then nothing is known of the next global id.
    shared: bool,
    holders: Holders,
    violations: Vec<Violation>,
    phases: [u64; TaskPhase::ALL.len()],
}

impl Ledger {
    /// A ledger of contracts that others use, and used before.
    #[must_use]
    pub fn shared() -> Self {
        Self {
            shared: true,
            ..Self::default()
        }
    }

    /// The state of an open task.
    #[must_use]
    pub fn task(&self, key: TaskKey) -> Option<&TaskState> {
        self.tasks.get(&key)
    }

    /// How many queued tasks stand in `phase` now; for [`TaskPhase::ENDED`], how many have ended so far.
    #[must_use]
    pub const fn in_phase(&self, phase: TaskPhase) -> u64 {
        self.phases[phase.index()]
    }

    /// The number of tasks that were ever queued in each session, by session id.
    #[must_use]
    pub fn task_counts(&self) -> Vec<(u64, u64)> {
        let mut counts: Vec<_> = self
            .next_task
            .iter()
            .map(|(session, count)| (*session, *count))
            .collect();
        counts.sort_unstable();
        counts
    }

    /// Whether violations were found since they were taken the last time.
    #[must_use]
    pub const fn has_violations(&self) -> bool {
        !self.violations.is_empty()
    }

    /// Takes the violations found since the last time.
    pub fn take_violations(&mut self) -> Vec<Violation> {
        std::mem::take(&mut self.violations)
    }

    /// Adds a violation that was found elsewhere, if there is one.
    pub(super) fn violated(&mut self, violation: Option<Violation>) {
        self.violations.extend(violation);
    }

    /// Takes a task out: nothing more will be asked about it.
    pub fn close(&mut self, key: TaskKey) -> Option<TaskState> {
        self.tasks.remove(&key)
    }

    /// Takes every task out, in the order of their global ids.
    pub fn close_all(&mut self) -> Vec<TaskState> {
        let mut open: Vec<_> = std::mem::take(&mut self.tasks).into_values().collect();
        open.sort_unstable_by_key(|task| task.global_id);
        open
    }

    /// Enters an event that was seen at `seen`. `call` and `submission` are what the run knows of the transaction
    /// that caused it, if it sent that itself.
    pub fn enter(&mut self, seen: Micros, event: &Event, call: Option<&Call>, submission: Option<u64>) {
        match event {
            Event::SessionCreated { session, miners, .. } => self.session_created(*session, miners, call),
            Event::SessionDeactivated { session } => {
                let fault = self.holders.closed(*session);
                self.reservation(fault);
            }
            Event::NodeReleased { session, node } => {
                let fault = self.holders.released(*session, *node);
                self.reservation(fault);
            }
            Event::DedicatedNodeAdded { node } => {
                // The event does not name the session; the call does, where the run made it.
                if let Some(Call::AddDedicatedNode { session, .. }) = call {
                    let fault = self.holders.held(*session, *node);
                    self.reservation(fault);
                }
            }
            // The audit of a run counts the money, and the model knows the rest.
            Event::SessionUpdated { .. }
            | Event::DedicatedNodeRemoved { .. }
            | Event::RoutersChanged { .. }
            | Event::MinerRegistered { .. }
            | Event::MinerUnregistered { .. }
            | Event::DedicationAllowed { .. }
            | Event::EarningsWithdrawn { .. }
            | Event::Deposited { .. }
            | Event::Withdrawn { .. }
            | Event::WindowsChanged(_)
            | Event::PriceChanged(_)
            | Event::OracleChanged { .. }
            | Event::SubmittedViaSession { .. }
            | Event::AssignedViaSession { .. } => {}
            Event::TaskQueued { key, global_id, .. } => self.queued(seen, *key, *global_id, submission),
            Event::TaskAssigned { key, miners } => self.assigned(seen, *key, miners),
            Event::TaskAcked { key, miner } => self.acked(seen, *key, *miner),
            Event::TaskPrecommitted { key, miner } => self.precommitted(*key, *miner, call),
            Event::TaskCommitted { key, miner } => self.committed(seen, *key, *miner, call),
            Event::TaskAllPrecommitted { key, .. } | Event::TaskAllCommitted { key, .. } => {
                self.live(*key, "an all-done event");
            }
            Event::TaskPrecommitEnded { key } => {
                if let Some(task) = self.live(*key, "the end of a precommit phase") {
                    task.moments.precommit_ended = Some(seen);
                    self.advance(*key, TaskPhase::COMMIT);
                }
            }
            Event::TaskCommitEnded { key } => {
                if let Some(task) = self.live(*key, "the end of a commit phase") {
                    task.moments.commit_ended = Some(seen);
                    self.advance(*key, TaskPhase::END);
                }
            }
            Event::TaskEnded { key, miners } => self.ended(seen, *key, miners),
        }
    }

    /// Notes that the ack phase of a task was closed with miners silent, which no event tells.
    pub fn ack_ended(&mut self, key: TaskKey) {
        self.advance(key, TaskPhase::PRECOMMIT);
    }

    /// Holds the results read of an ended task against the commits that were accepted (I4, I9).
    pub fn check_results(&mut self, key: TaskKey, results: &[(Address, Bytes)]) {
        let Some(task) = self.tasks.get(&key) else { return };
        let committed: Vec<_> = task
            .seats
            .iter()
            .filter(|seat| seat.step == Step::Committed)
            .collect();
        if committed.len() != results.len() {
            let detail = format!(
                "{} results read, {} commits accepted",
                results.len(),
                committed.len()
            );
            return self.broken(Invariant::FINALITY, key, detail);
        }
        let wrong = committed.iter().find_map(|seat| {
            let read = results
                .iter()
                .find(|(miner, _)| *miner == seat.miner)
                .map(|(_, data)| keccak256(data));
            let agrees = read.is_some() && (seat.result.is_none() || read == seat.result);
            (!agrees).then_some(seat.miner)
        });
        if let Some(miner) = wrong {
            self.broken(
                Invariant::AGREEMENT,
                key,
                format!("the result read of miner {miner} is not what it revealed"),
            );
        }
    }

    /// Holds the chain's count of a session's tasks against the events seen (I9).
    pub fn check_count(&mut self, session: u64, count: u64) {
        let seen = self.next_task.get(&session).copied().unwrap_or(0);
        if seen != count {
            let detail = format!("session {session} has {count} tasks, {seen} were seen");
            self.violations.push(Violation {
                invariant: Invariant::AGREEMENT,
                task: None,
                detail,
            });
        }
    }

    /// Whether sessions had miners to themselves, or closed: then what the chain says of every session's miners is
    /// worth reading ([`Ledger::check_nodes`]).
    #[must_use]
    pub const fn has_reservations(&self) -> bool {
        self.holders.is_used()
    }

    /// Holds the miners that the chain says a session has at the end against those of the others, and against whether
    /// it is closed (I5, I9).
    pub fn check_nodes(&mut self, session: u64, own: &[Address], shared: &[Address], active: bool) {
        if active == self.holders.is_closed(session) {
            let said = if active { "takes tasks" } else { "is deactivated" };
            self.violations.push(Violation {
                invariant: Invariant::AGREEMENT,
                task: None,
                detail: format!("session {session} {said}, which no event told"),
            });
        }
        for fault in self.holders.at_the_end(session, own, shared, active) {
            self.reservation(Some(fault));
        }
    }

    fn session_created(&mut self, session: u64, miners: &[Address], call: Option<&Call>) {
        self.next_task.entry(session).or_insert(0);
        if !matches!(call, Some(Call::Create(new)) if new.reserve) {
            return;
        }
        for miner in miners {
            let fault = self.holders.held(session, *miner);
            self.reservation(fault);
        }
    }

    /// Notes what is wrong with who has which miner (I5), if something is.
    fn reservation(&mut self, fault: Option<String>) {
        self.violations.extend(fault.map(|detail| Violation {
            invariant: Invariant::RESERVATION,
            task: None,
            detail,
        }));
    }

    fn queued(&mut self, seen: Micros, key: TaskKey, global_id: u64, submission: Option<u64>) {
        let next = self.next_task.entry(key.session).or_insert(0);
        let expected_global = if self.shared { global_id } else { self.next_global };
        let expected_task = *next;
        *next = key.task + 1;
        self.next_global = global_id + 1;
        if (key.task, global_id) != (expected_task, expected_global) {
            let detail = format!(
                "global id {global_id}, expected task {expected_task} and global id {expected_global}"
            );
            self.broken(Invariant::IDENTITY, key, detail);
        }
        let moments = Moments {
            queued: seen,
            ..Moments::default()
        };
        let phase = TaskPhase::ACK;
        self.phases[phase.index()] += 1;
        self.tasks.insert(
            key,
            TaskState {
                key,
                global_id,
                submission,
                phase,
                seats: Vec::new(),
                moments,
            },
        );
    }

    fn assigned(&mut self, seen: Micros, key: TaskKey, miners: &[Address]) {
        let Some(task) = self.live(key, "an assignment") else {
            return;
        };
        task.moments.assigned = Some(seen);
        task.seats = miners
            .iter()
            .map(|miner| Seat {
                miner: *miner,
                step: Step::Assigned,
                hash: None,
                result: None,
            })
            .collect();
        let twice = miners
            .iter()
            .enumerate()
            .find(|(at, miner)| miners[..*at].contains(miner));
        if let Some((_, miner)) = twice {
            self.broken(Invariant::ORDER, key, format!("miner {miner} was assigned twice"));
        }
    }

    fn acked(&mut self, seen: Micros, key: TaskKey, miner: Address) {
        if self.step(key, miner, Step::Acked).is_none() {
            return;
        }
        let Some(task) = self.tasks.get_mut(&key) else {
            return;
        };
        task.moments.first_ack.get_or_insert(seen);
        task.moments.last_ack = Some(seen);
        if task.reached(Step::Acked) == task.seats.len() {
            self.advance(key, TaskPhase::PRECOMMIT);
        }
    }

    fn precommitted(&mut self, key: TaskKey, miner: Address, call: Option<&Call>) {
        if let Some(seat) = self.step(key, miner, Step::Precommitted)
            && let Some(Call::Precommit { hash, .. }) = call
        {
            seat.hash = Some(*hash);
        }
    }

    fn committed(&mut self, seen: Micros, key: TaskKey, miner: Address, call: Option<&Call>) {
        let Some(seat) = self.step(key, miner, Step::Committed) else {
            return;
        };
        let mut bound = true;
        if let Some(Call::Commit { data, .. }) = call {
            let result = keccak256(data);
            seat.result = Some(result);
            bound = seat
                .hash
                .is_none_or(|hash| hash == commit_hash_of(key, miner, result));
        }
        if !bound {
            let detail = format!("miner {miner} revealed what it had not precommitted");
            self.broken(Invariant::BINDING, key, detail);
        }
        let Some(task) = self.tasks.get_mut(&key) else {
            return;
        };
        task.moments.first_commit.get_or_insert(seen);
        task.moments.last_commit = Some(seen);
        if task.moments.precommit_ended.is_none() {
            let detail = format!("miner {miner} revealed before the precommit phase ended");
            self.broken(Invariant::HIDING, key, detail);
        }
    }

    fn ended(&mut self, seen: Micros, key: TaskKey, miners: &[Address]) {
        let Some(task) = self.live(key, "its end") else {
            return;
        };
        task.moments.ended = Some(seen);
        let committed: Vec<_> = task
            .seats
            .iter()
            .filter(|seat| seat.step == Step::Committed)
            .map(|seat| seat.miner)
            .collect();
        let agrees = committed.len() == miners.len() && committed.iter().all(|miner| miners.contains(miner));
        self.advance(key, TaskPhase::ENDED);
        if !agrees {
            let detail = format!(
                "ended with {} miners, {} commits accepted",
                miners.len(),
                committed.len()
            );
            self.broken(Invariant::FINALITY, key, detail);
        }
    }

    /// Moves a miner one step on, if that is the step it is due to take (I1).
    fn step(&mut self, key: TaskKey, miner: Address, step: Step) -> Option<&mut Seat> {
        let due = match step {
            Step::Assigned | Step::Acked => Step::Assigned,
            Step::Precommitted => Step::Acked,
            Step::Committed => Step::Precommitted,
        };
        self.live(key, "a miner's step")?;
        let position = self
            .tasks
            .get(&key)?
            .seats
            .iter()
            .position(|seat| seat.miner == miner);
        let Some(position) = position else {
            self.broken(
                Invariant::ORDER,
                key,
                format!("miner {miner} was not assigned to it"),
            );
            return None;
        };
        let had = self.tasks.get(&key)?.seats[position].step;
        if had != due {
            self.broken(
                Invariant::ORDER,
                key,
                format!("miner {miner} went from {had:?} to {step:?}"),
            );
        }
        let seat = &mut self.tasks.get_mut(&key)?.seats[position];
        seat.step = step;
        Some(seat)
    }

    /// The task, if it may still change (I4).
    fn live(&mut self, key: TaskKey, what: &str) -> Option<&mut TaskState> {
        let ended = match self.tasks.get(&key) {
            Some(task) => task.phase == TaskPhase::ENDED,
            None => self
                .next_task
                .get(&key.session)
                .is_some_and(|next| key.task < *next),
        };
        if ended {
            self.broken(
                Invariant::FINALITY,
                key,
                format!("{what} was seen after it had ended"),
            );
            return None;
        }
        self.tasks.get_mut(&key)
    }

    /// Moves a task on to `phase`; a task never moves back.
    fn advance(&mut self, key: TaskKey, phase: TaskPhase) {
        if let Some(task) = self.tasks.get_mut(&key)
            && task.phase < phase
        {
            self.phases[task.phase.index()] -= 1;
            self.phases[phase.index()] += 1;
            task.phase = phase;
        }
    }

    fn broken(&mut self, invariant: Invariant, key: TaskKey, detail: String) {
        self.violations.push(Violation {
            invariant,
            task: Some(key),
            detail,
        });
    }
}

//! Reorg handling for actions of actors that followed from blocks no longer the chain's.
//!
//! Owners and miners are not notified of a reorg: nearly all that it took back comes back in other blocks, and they go on from
//! there. What they want sent for a task waits until that is back which they knew when they meant to send it; what reverted
//! all the same is sent again. Oracles watch the chain itself: they are notified what was taken back, and all of it again when it
//! is back.

use alloy::primitives::{Address, map::HashMap};

use super::{super::pending::PendingTransaction, Engine};
use crate::{
    actor::Input,
    driver::{Command, TxId},
    protocol::{ActorId, Call, Event, Function, Role, TaskKey},
    record::TxOutcome,
    time::Micros,
};

/// The number of times that a transaction is sent again that reverted after a reorg.
const TRIES: u32 = 5;
/// How long a transaction is held back at most.
const LONGEST: u64 = 30_000_000;

/// The events that were taken back and have not come back yet, and what waits for them.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    /// When each was seen.
    events: HashMap<Event, Micros>,
    /// When those of each task were seen.
    tasks: HashMap<TaskKey, Vec<Micros>>,
    waiting: Vec<Waiting>,
}

/// A transaction that waits until what led to it is back.
#[derive(Debug)]
struct Waiting {
    actor: ActorId,
    call: Call,
    intended: Micros,
    submission: Option<u64>,
    tries: u32,
    since: Micros,
}

/// What of an event comes back as it was: the order of tasks over all sessions may be another.
fn identity(event: &Event) -> Event {
    match event {
        Event::TaskQueued { key, data, .. } => Event::TaskQueued {
            key: *key,
            global_id: 0,
            data: *data,
        },
        event => event.clone(),
    }
}

impl Doubts {
    /// An event that actors were notified of, seen at this moment, was taken back.
    pub(super) fn insert(&mut self, event: Event, seen: Micros) {
        let task = event.task();
        if self.events.insert(identity(&event), seen).is_none()
            && let Some(key) = task
        {
            self.tasks.entry(key).or_default().push(seen);
        }
    }

    /// Whether an event was taken back and is not back.
    pub(super) fn contains(&self, event: &Event) -> bool {
        !self.events.is_empty() && self.events.contains_key(&identity(event))
    }

    /// An event is back. Returns whether it was taken back before. With its end all is back of a task that ever will be.
    pub(super) fn remove(&mut self, event: &Event) -> bool {
        if self.events.is_empty() {
            return false;
        }
        if let Event::TaskEnded { key, .. } = event {
            self.tasks.remove(key);
        }
        let Some(seen) = self.events.remove(&identity(event)) else {
            self.leave_other_assignment(event);
            return false;
        };
        self.leave(event.task(), seen);
        true
    }

    /// A task that was assigned to others than before is assigned all the same: nothing waits for the first assignment.
    fn leave_other_assignment(&mut self, event: &Event) {
        let Event::TaskAssigned { key, .. } = event else {
            return;
        };
        let mut first = None;
        self.events.retain(|other, seen| {
            let is_other = matches!(other, Event::TaskAssigned { key: other, .. } if other == key);
            first = first.or(is_other.then_some(*seen));
            !is_other
        });
        if let Some(seen) = first {
            self.leave(Some(*key), seen);
        }
    }

    /// What was seen of a task at this moment is not waited for any more.
    fn leave(&mut self, task: Option<TaskKey>, seen: Micros) {
        if let Some(times) = task.and_then(|key| self.tasks.get_mut(&key))
            && let Some(place) = times.iter().position(|time| *time == seen)
        {
            times.swap_remove(place);
        }
    }

    /// What this miner did for the task will not come back.
    fn give_up(&mut self, key: TaskKey, miner: Address) {
        for event in [
            Event::TaskAcked { key, miner },
            Event::TaskPrecommitted { key, miner },
            Event::TaskCommitted { key, miner },
        ] {
            self.remove(&event);
        }
    }

    /// Whether something is not back of what was known of a call's task when it was meant to be sent.
    fn is_premature(&self, call: &Call, intended: Micros) -> bool {
        let times = call.task().and_then(|key| self.tasks.get(&key));
        times.is_some_and(|times| times.iter().any(|seen| *seen <= intended))
    }

    /// Whether nothing waits.
    pub(super) const fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes out what waits no longer.
    fn take_ready(&mut self, now: Micros) -> Vec<Waiting> {
        if self.waiting.is_empty() {
            return Vec::new();
        }
        let waiting = std::mem::take(&mut self.waiting);
        let (waiting, ready) = waiting.into_iter().partition(|waiting| {
            self.is_premature(&waiting.call, waiting.intended) && now.since(waiting.since) < LONGEST
        });
        self.waiting = waiting;
        ready
    }
}

impl Engine {
    /// Holds a transaction back if what led to it was taken back; whether it did.
    pub(super) fn holds_back(&mut self, actor: ActorId, call: &Call, intended: Micros) -> bool {
        if actor.role == Role::Oracle || !self.doubts.is_premature(call, intended) {
            return false;
        }
        self.doubts.waiting.push(Waiting {
            actor,
            call: call.clone(),
            intended,
            submission: None,
            tries: 0,
            since: self.last_block,
        });
        true
    }

    /// A transaction reverted in a block. If it was under way during a reorg it came too early, perhaps, and is sent again:
    /// whether it is.
    pub(super) fn tries_again(
        &mut self,
        pending: &PendingTransaction,
        now: Micros,
        outcome: &TxOutcome,
    ) -> bool {
        let Some(tries) = pending
            .doubted
            .filter(|_| matches!(outcome, TxOutcome::Reverted(_)))
        else {
            return false;
        };
        if tries == TRIES
            || pending.actor.role == Role::Oracle
            || pending.call.function() == Function::FillNonce
        {
            if let Some(key) = pending.call.task() {
                self.doubts.give_up(key, pending.from);
            }
            return false;
        }
        self.doubts.waiting.push(Waiting {
            actor: pending.actor,
            call: pending.call.clone(),
            intended: pending.intended,
            submission: pending.submission,
            tries: tries + 1,
            since: now,
        });
        true
    }

    /// Whether a transaction that is under way, if it was sent now, would come before what led to it.
    #[must_use]
    pub fn is_premature(&self, tx: TxId) -> bool {
        let pending = self.pending.get(&tx);
        pending.is_some_and(|pending| self.doubts.is_premature(&pending.call, pending.intended))
    }

    /// Sends what waited for events that are back by now.
    pub(super) fn release(&mut self, now: Micros) {
        for waiting in self.doubts.take_ready(now) {
            let (tx, invocation) = match waiting.submission {
                Some(submission) => {
                    self.open_of(waiting.actor, waiting.call, waiting.intended, Some(submission))
                }
                None => self.open(waiting.actor, waiting.call, waiting.intended),
            };
            if let Some(pending) = self.pending.get_mut(&tx)
                && waiting.tries > 0
            {
                pending.doubted = Some(waiting.tries);
            }
            self.commands.push(Command::Send {
                tx,
                actor: waiting.actor,
                invocation,
            });
        }
    }

    /// Notifies the oracle that watches its task of an event that was taken back.
    pub(super) fn tell_undone(&mut self, now: Micros, event: &Event) {
        if let Some(oracle) = event.task().and_then(|key| self.actors.oracle_of(key)) {
            self.notify(oracle, now, Input::Undone(event));
        }
    }
}

//! Reorg handling for actions of actors that followed from blocks no longer the chain's.
//!
//! Owners and miners are not notified of a reorg: nearly all that it took back comes back in other blocks, and they go on from
//! there. What they want sent waits until the events are back without which the contracts refuse it; what reverted all the same,
//! or was encoded for a session that has another id since, is sent again. Oracles watch the chain itself: they are notified what was taken back, and all of it again when it
//! is back.

use alloy::primitives::{Address, map::HashMap};

use super::{super::pending::PendingTransaction, Engine};
use crate::{
    actor::Input,
    driver::{Command, TxId},
    protocol::{ActorId, Call, Concerns, Event, Invocation, Role, Seat, TaskKey},
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
    /// The events, by what of them comes back as it was.
    events: HashMap<Event, Event>,
    /// Miners that tasks were assigned to anew: nobody notified them of what followed the first assignment.
    joined: HashMap<TaskKey, Vec<Address>>,
    waiting: Vec<Waiting>,
}

/// A transaction that waits until what led to it is back.
#[derive(Debug)]
struct Waiting {
    actor: ActorId,
    from: Address,
    call: Call,
    intended: Micros,
    /// The transaction that made the call before, if one did.
    earlier: Option<Earlier>,
    since: Micros,
}

/// What a call that is made again has from the transaction that made it before.
#[derive(Debug)]
struct Earlier {
    submission: Option<u64>,
    /// How often it was tried.
    tries: u32,
    opened: Option<u64>,
    outcome_notified: bool,
}

impl Earlier {
    /// Nothing but the number of the task that a call submits.
    const fn submission(submission: u64) -> Self {
        Self {
            submission: Some(submission),
            tries: 0,
            opened: None,
            outcome_notified: false,
        }
    }
}

/// Who was notified of an event before a reorg.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotifiedBefore {
    /// Nobody.
    Nobody,
    /// All that it concerns.
    All,
    /// Of a task that was assigned to others then: these miners.
    Miners(Vec<Address>),
}

impl Doubts {
    /// An event that actors were notified of was taken back.
    pub(super) fn insert(&mut self, event: Event) {
        self.events.insert(event.identity(), event);
    }

    /// Whether an event was taken back and is not back.
    pub(super) fn contain(&self, event: &Event) -> bool {
        !self.events.is_empty() && self.events.contains_key(&event.identity())
    }

    /// An event is back, or new. Returns who knows of it from before a reorg. With its end all is back of a task that ever
    /// will be.
    pub(super) fn remove(&mut self, event: &Event) -> NotifiedBefore {
        if self.events.is_empty() {
            return NotifiedBefore::Nobody;
        }
        let before = self.events.remove(&event.identity());
        if let Some(key) = event.ended_task() {
            self.events.retain(|_, other| other.task() != Some(key));
            self.joined.remove(&key);
        }
        let Some(before) = before else {
            return NotifiedBefore::Nobody;
        };
        match (before.assignment(), event.assignment()) {
            (Some((_, before)), Some((_, miners))) if before != miners => {
                NotifiedBefore::Miners(before.to_vec())
            }
            _ => NotifiedBefore::All,
        }
    }

    /// Whether something is not back without which the contracts refuse a call.
    fn is_premature(&self, from: Address, call: &Call) -> bool {
        !self.events.is_empty()
            && call
                .needs(from)
                .iter()
                .any(|event| self.events.contains_key(event))
    }

    /// What this miner did for the task will not come back.
    fn give_up(&mut self, key: TaskKey, miner: Address) {
        for event in Event::steps_of(key, miner) {
            self.events.remove(&event);
        }
    }

    /// A task that these miners had is assigned to others: what they did and want to do for it comes to nothing.
    fn dismiss(&mut self, key: TaskKey, miners: &[(ActorId, Address)]) {
        for (actor, miner) in miners {
            self.give_up(key, *miner);
            self.waiting
                .retain(|waiting| waiting.actor != *actor || waiting.call.task() != Some(key));
        }
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
            self.is_premature(waiting.from, &waiting.call) && now.since(waiting.since) < LONGEST
        });
        self.waiting = waiting;
        ready
    }
}

impl Engine {
    /// Holds a transaction back if what led to it was taken back; whether it did.
    pub(super) fn holds_back(&mut self, actor: ActorId, call: &Call, intended: Micros) -> bool {
        let from = self.actors.address(actor);
        if actor.role == Role::ORACLE || !self.doubts.is_premature(from, call) {
            return false;
        }
        let submission = self.submission_of(actor, call, intended);
        self.doubts.waiting.push(Waiting {
            actor,
            from,
            call: call.clone(),
            intended,
            earlier: submission.map(Earlier::submission),
            since: self.last_block,
        });
        true
    }

    /// Registers what still waits now that the run is over, so that it has a record.
    pub(super) fn give_up_waiting(&mut self) {
        for waiting in std::mem::take(&mut self.doubts.waiting) {
            self.open_waiting(waiting);
        }
    }

    /// A transaction came to its end. If it was under way during a reorg and reverted, it came too early, perhaps; if it was
    /// encoded for a session that has another id since, it missed it. Then the call is made again: whether it is.
    pub(super) fn tries_again(
        &mut self,
        pending: &PendingTransaction,
        now: Micros,
        outcome: &TxOutcome,
    ) -> bool {
        let reverted = matches!(outcome, TxOutcome::Reverted(_));
        let call = pending.wanted.as_ref().unwrap_or(&pending.call);
        let may_miss = pending.wanted.is_some() || reverted && self.contracts.renumbers();
        if may_miss && self.is_done(pending.from, call) {
            return true;
        }
        let Some(tries) = pending.doubted.filter(|_| reverted || pending.wanted.is_some()) else {
            return false;
        };
        let watches_chain = pending.actor.role == Role::ORACLE;
        if tries == TRIES
            || watches_chain
            || call.function().is_filler()
            || self.is_dismissed(pending.from, call)
        {
            if let Some(key) = call.task() {
                self.doubts.give_up(key, pending.from);
            }
            return false;
        }
        self.doubts.waiting.push(Waiting {
            actor: pending.actor,
            from: pending.from,
            call: call.clone(),
            intended: pending.intended,
            earlier: Some(Earlier {
                submission: pending.submission,
                tries: tries + 1,
                opened: pending.opened,
                outcome_notified: pending.outcome_notified,
            }),
            since: now,
        });
        true
    }

    /// The seat of a miner at the task of its call.
    fn seat(&self, miner: Address, key: TaskKey) -> Option<&Seat> {
        let seats = &self.ledger.task(key)?.seats;
        seats.iter().find(|seat| seat.miner == miner)
    }

    /// Whether a miner's step is done that its call makes: another transaction of its own, made for another task before a
    /// reorg, has done it.
    fn is_done(&self, miner: Address, call: &Call) -> bool {
        let Some((key, step)) = call.step() else {
            return false;
        };
        self.seat(miner, key).is_some_and(|seat| seat.step >= step)
    }

    /// Whether a miner has no part any more in the task of its call.
    fn is_dismissed(&self, miner: Address, call: &Call) -> bool {
        let Some((key, _)) = call.step() else {
            return false;
        };
        self.ledger.task(key).is_some() && self.seat(miner, key).is_none()
    }

    /// Notifies all that a task's assignment concerns, which was another before a reorg. Miners that had it then go on with it,
    /// if they still have it.
    pub(super) fn route_reassigned(
        &mut self,
        seen: Micros,
        timestamp: u64,
        event: &Event,
        before: &[Address],
    ) {
        if let Some((key, miners)) = event.assignment() {
            let dismissed = before.iter().filter(|miner| !miners.contains(miner));
            let dismissed = dismissed.filter_map(|miner| Some((self.actors.at(*miner)?, *miner)));
            let dismissed: Vec<_> = dismissed.collect();
            self.doubts.dismiss(key, &dismissed);
            let added = miners.iter().filter(|miner| !before.contains(miner));
            let added: Vec<Address> = added.copied().collect();
            self.notify_addresses(&added, seen, Input::Event(event, timestamp));
            self.doubts.joined.insert(key, added);
        }
        self.notify_oracle(seen, timestamp, event);
    }

    /// An event is back of which all were notified whom it concerned then.
    pub(super) fn route_again(&mut self, seen: Micros, timestamp: u64, event: &Event) {
        if let Concerns::Assigned(key) = event.concerns()
            && let Some(joined) = self.doubts.joined.get(&key).cloned()
        {
            self.notify_addresses(&joined, seen, Input::Event(event, timestamp));
        }
        self.notify_oracle(seen, timestamp, event);
    }

    /// Whether a transaction that is under way, if it was sent now, would come before what led to it.
    #[must_use]
    pub fn is_premature(&self, tx: TxId) -> bool {
        let pending = self.pending.get(&tx);
        pending.is_some_and(|pending| self.doubts.is_premature(pending.from, &pending.call))
    }

    /// Sends what waited for events that are back by now.
    pub(super) fn release(&mut self, now: Micros) {
        for waiting in self.doubts.take_ready(now) {
            let actor = waiting.actor;
            let (tx, invocation) = self.open_waiting(waiting);
            self.commands.push(Command::Send {
                tx,
                actor,
                invocation,
            });
        }
    }

    /// Registers the transaction of a call that waited.
    fn open_waiting(&mut self, waiting: Waiting) -> (TxId, Invocation) {
        let Waiting {
            actor,
            call,
            intended,
            earlier,
            ..
        } = waiting;
        let submission = earlier.as_ref().and_then(|earlier| earlier.submission);
        let (tx, invocation) = self.open_of(actor, call, intended, submission);
        if let (Some(pending), Some(earlier)) = (self.pending.get_mut(&tx), earlier) {
            pending.doubted = Some(earlier.tries);
            pending.opened = earlier.opened;
            pending.outcome_notified = earlier.outcome_notified;
        }
        (tx, invocation)
    }

    /// Notifies the oracle that watches its task of an event that was taken back.
    pub(super) fn tell_undone(&mut self, now: Micros, event: &Event) {
        if let Some(oracle) = event.task().and_then(|key| self.actors.oracle_of(key)) {
            self.notify(oracle, now, Input::Undone(event));
        }
    }
}

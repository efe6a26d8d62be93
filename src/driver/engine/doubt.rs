//! Reorg handling for actions of actors that followed from blocks no longer the chain's.
//!
//! Actors are not notified of a reorg: nearly all that it took back comes back in other blocks, and they go on from there. What
//! they want sent waits until the events are back without which the contracts refuse it; what reverted all the same, or was
//! encoded for a session that has another id since, is sent again. Watchers of tasks follow the chain itself: they are notified
//! what was taken back, and all of it again when it is back.

use alloy::primitives::{Address, map::HashMap};

use super::{super::pending::PendingTransaction, Engine, route::Routed};
use crate::{
    driver::{Command, TxId},
    protocol::{
        ActorId, ChainState, DeployedContracts, Invocation, Protocol, ProtocolCall, ProtocolEvent, TaskKey,
    },
    record::TxOutcome,
    time::Micros,
};

/// The number of times that a transaction is sent again that reverted after a reorg.
const TRIES: u32 = 5;
/// How long a transaction is held back at most.
const LONGEST: u64 = 30_000_000;

/// The events that were taken back and have not come back yet, and what waits for them.
#[derive(Debug)]
pub(super) struct Doubts<P: Protocol> {
    /// Who was notified of each event, by what of it comes back as it was.
    events: HashMap<P::Event, Vec<ActorId>>,
    waiting: Vec<Waiting<P>>,
}

impl<P: Protocol> Default for Doubts<P> {
    fn default() -> Self {
        Self {
            events: HashMap::default(),
            waiting: Vec::new(),
        }
    }
}

/// A transaction that waits until what led to it is back.
#[derive(Debug)]
struct Waiting<P: Protocol> {
    actor: ActorId,
    from: Address,
    call: P::Call,
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

impl<P: Protocol> Doubts<P> {
    /// An event that actors were notified of was taken back.
    pub(super) fn insert(&mut self, Routed { event, notified }: Routed<P>) {
        self.events.insert(event.identity(), notified);
    }

    /// Whether an event was taken back and is not back.
    pub(super) fn contain(&self, event: &P::Event) -> bool {
        !self.events.is_empty() && self.events.contains_key(&event.identity())
    }

    /// An event is back, or new. Returns who was notified of it before a reorg. With its end all is back of a task that ever
    /// will be.
    pub(super) fn remove(&mut self, event: &P::Event) -> Vec<ActorId> {
        if self.events.is_empty() {
            return Vec::new();
        }
        let before = self.events.remove(&event.identity());
        if let Some(key) = event.ended_task() {
            self.events.retain(|other, _| other.task() != Some(key));
        }
        before.unwrap_or_default()
    }

    /// Whether something is not back without which the contracts refuse a call.
    fn is_premature(&self, from: Address, call: &P::Call) -> bool {
        !self.events.is_empty()
            && call
                .needs(from)
                .iter()
                .any(|event| self.events.contains_key(event))
    }

    /// What this account did for the task will not come back.
    fn give_up(&mut self, key: TaskKey, account: Address) {
        self.events
            .retain(|event, _| event.task() != Some(key) || event.by() != Some(account));
    }

    /// Whether nothing waits.
    pub(super) const fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes out what waits no longer.
    fn take_ready(&mut self, now: Micros) -> Vec<Waiting<P>> {
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

impl<P: Protocol> Engine<P> {
    /// Holds a transaction back if what led to it was taken back; whether it did.
    pub(super) fn holds_back(&mut self, actor: ActorId, call: &P::Call, intended: Micros) -> bool {
        let from = self.actors.directory().address(actor);
        if self.schema.watcher == Some(actor.role) || !self.doubts.is_premature(from, call) {
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
        pending: &PendingTransaction<P>,
        now: Micros,
        outcome: &TxOutcome,
    ) -> bool {
        let reverted = matches!(outcome, TxOutcome::Reverted(_));
        let call = pending.wanted.as_ref().unwrap_or(&pending.call);
        // One that was tried again may have come too early only for another of its tries to do what it wants.
        let may_miss =
            pending.wanted.is_some() || reverted && (self.contracts.renumbers() || pending.doubted.is_some());
        if may_miss && self.state.is_done(pending.from, call) {
            return true;
        }
        let Some(tries) = pending.doubted.filter(|_| reverted || pending.wanted.is_some()) else {
            return false;
        };
        let watches_chain = self.schema.watcher == Some(pending.actor.role);
        if tries == TRIES
            || watches_chain
            || call.function().is_filler()
            || self.state.is_dismissed(pending.from, call)
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

    /// A task is others' now: what these actors did and want to do for it comes to nothing.
    pub(super) fn dismiss(&mut self, key: TaskKey, actors: &[ActorId]) {
        for actor in actors {
            let account = self.actors.directory().address(*actor);
            self.doubts.give_up(key, account);
            self.doubts
                .waiting
                .retain(|waiting| waiting.actor != *actor || waiting.call.task() != Some(key));
        }
    }

    /// Whether a transaction that is under way, if it was sent now, would come before what led to it.
    #[must_use]
    pub fn is_premature(&self, tx: TxId) -> bool {
        let pending = self.pending.get(tx);
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
    fn open_waiting(&mut self, waiting: Waiting<P>) -> (TxId, Invocation) {
        let Waiting {
            actor,
            call,
            intended,
            earlier,
            ..
        } = waiting;
        let submission = earlier.as_ref().and_then(|earlier| earlier.submission);
        let (tx, invocation) = self.open_of(actor, call, intended, submission);
        if let (Some(pending), Some(earlier)) = (self.pending.get_mut(tx), earlier) {
            pending.doubted = Some(earlier.tries);
            pending.opened = earlier.opened;
            pending.outcome_notified = earlier.outcome_notified;
        }
        (tx, invocation)
    }
}

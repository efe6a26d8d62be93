//! Routing: which actors are notified of an event.

use super::Engine;
use crate::{
    protocol::{ActorId, DeployedContracts, Input, Protocol, ProtocolEvent},
    time::Micros,
};

/// An event, in the run's terms, and the actors that were notified of it, its task's watcher left out.
#[derive(Debug)]
pub(super) struct Routed<P: Protocol> {
    pub(super) event: P::Event,
    pub(super) notified: Vec<ActorId>,
}

/// The events of a transaction, in the run's terms.
#[derive(Debug)]
pub(super) struct Events<P: Protocol> {
    pub(super) events: Vec<P::Event>,
    /// Who was notified of each; empty where nothing is ever undone.
    pub(super) notified: Vec<Vec<ActorId>>,
}

impl<P: Protocol> Events<P> {
    /// Each with who was notified of it.
    pub(super) fn routed(self) -> impl DoubleEndedIterator<Item = Routed<P>> {
        let mut notified = self.notified;
        notified.resize_with(self.events.len(), Vec::new);
        let each = self.events.into_iter().zip(notified);
        each.map(|(event, notified)| Routed { event, notified })
    }
}

impl<P: Protocol> Engine<P> {
    /// Notifies every actor that an event concerns, those left out that were notified of it before a reorg. Returns who has
    /// been notified by now, where that may be asked for.
    pub(super) fn route(&mut self, seen: Micros, timestamp: u64, event: &P::Event) -> Vec<ActorId> {
        let mut concerned = std::mem::take(&mut self.concerned);
        concerned.clear();
        let actors = self.actors.directory();
        self.contracts
            .concerned(event, &self.state, actors, &mut concerned);
        let before = self.doubts.remove(event);
        let dismissed: Vec<ActorId> = before
            .iter()
            .copied()
            .filter(|actor| !concerned.contains(actor))
            .collect();
        if let Some(task) = event.task() {
            self.dismiss(task, &dismissed);
        }
        for actor in concerned.iter().filter(|actor| !before.contains(actor)) {
            self.notify(*actor, seen, Input::Event(event, timestamp));
        }
        self.notify_watcher(seen, timestamp, event);
        let notified = if self.history.is_some() {
            let back = before.into_iter().filter(|actor| !dismissed.contains(actor));
            let new = concerned.iter().copied();
            let mut notified: Vec<ActorId> = back.chain(new).collect();
            notified.sort_unstable();
            notified.dedup();
            notified
        } else {
            Vec::new()
        };
        self.concerned = concerned;
        notified
    }

    /// Notifies the watcher of the event's task.
    fn notify_watcher(&mut self, seen: Micros, timestamp: u64, event: &P::Event) {
        if let Some(watcher) = self.watcher_of(event) {
            self.notify(watcher, seen, Input::Event(event, timestamp));
        }
    }

    /// Notifies the watcher of its task of an event that was taken back.
    pub(super) fn notify_undone(&mut self, now: Micros, event: &P::Event) {
        if let Some(watcher) = self.watcher_of(event) {
            self.notify(watcher, now, Input::Undone(event));
        }
    }

    fn watcher_of(&self, event: &P::Event) -> Option<ActorId> {
        let task = event.task()?;
        self.contracts.watcher(task, self.actors.directory())
    }

    /// Notifies the watcher of a task at once that its end is allowed.
    pub(super) fn notify_urgent(&mut self, seen: Micros, timestamp: u64, event: &P::Event) {
        if event.urgent_task().is_some() {
            self.notify_watcher(seen, timestamp, event);
        }
    }
}

//! Reads that contradict the events: a node may have answered of a state that is older than these, or of blocks that are no
//! longer the chain's. They are made again before the contracts are accused.

use std::time::Duration;

use super::{super::Command, Engine};
use crate::{
    protocol::{ChainState, Protocol},
    time::Micros,
};

/// How often a read is made again, where replies are not known to be older than that takes.
const TRIES: u32 = 3;
/// How long to wait before each time: blocks go by, and a reorg comes to light.
const PAUSE_US: u64 = 1_000_000;

/// The reads that are to be made again.
#[derive(Debug)]
pub(super) struct Rechecks<P: Protocol> {
    waiting: Vec<Recheck<P>>,
    /// How often a read is made again.
    tries: u32,
}

impl<P: Protocol> Default for Rechecks<P> {
    fn default() -> Self {
        Self {
            waiting: Vec::new(),
            tries: TRIES,
        }
    }
}

#[derive(Debug)]
struct Recheck<P: Protocol> {
    query: P::Query,
    tries: u32,
    /// When it is to be made again; `None` while its answer is waited for.
    due: Option<Micros>,
}

impl<P: Protocol> Rechecks<P> {
    /// Enters a read that contradicted the events; whether it is worth another try.
    fn enter(&mut self, query: &P::Query, now: Micros) -> bool {
        let due = Some(now + Duration::from_micros(PAUSE_US));
        let place = self.waiting.iter().position(|recheck| recheck.query == *query);
        match place {
            None => self.waiting.push(Recheck {
                query: query.clone(),
                tries: 1,
                due,
            }),
            Some(place) if self.waiting[place].tries < self.tries => {
                self.waiting[place].tries += 1;
                self.waiting[place].due = due;
            }
            Some(place) => {
                self.waiting.swap_remove(place);
                return false;
            }
        }
        true
    }

    /// The answer of a read agreed, or there is nothing to hold it against any more.
    fn leave(&mut self, query: &P::Query) {
        self.waiting.retain(|recheck| recheck.query != *query);
    }

    fn take_due(&mut self, now: Micros) -> Vec<P::Query> {
        let due = self
            .waiting
            .iter_mut()
            .filter(|recheck| recheck.due.is_some_and(|due| due <= now));
        due.map(|recheck| {
            recheck.due = None;
            recheck.query.clone()
        })
        .collect()
    }
}

impl<P: Protocol> Engine<P> {
    /// Replies to reads may be so much older than the events.
    pub fn expect_old_replies(&mut self, by: Duration) {
        let pauses = by.as_micros().div_ceil(PAUSE_US.into());
        self.rechecks.tries = TRIES.saturating_add(u32::try_from(pauses).unwrap_or(u32::MAX));
    }

    /// Whether the reply to a read was found to contradict the events and is asked for again. On a chain in this process
    /// there is nothing to doubt.
    pub(super) fn asks_again(&mut self, query: &P::Query) -> bool {
        if self.history.is_none() {
            return false;
        }
        if !self.state.has_violations() {
            self.rechecks.leave(query);
            return false;
        }
        if !self.rechecks.enter(query, self.now) {
            return false;
        }
        self.state.take_violations();
        // Still under way.
        self.reads += 1;
        true
    }

    /// Makes the reads again that are due.
    pub(super) fn recheck(&mut self, now: Micros) {
        self.now = now;
        let due = self.rechecks.take_due(now);
        self.commands.extend(due.into_iter().map(Command::Read));
    }
}

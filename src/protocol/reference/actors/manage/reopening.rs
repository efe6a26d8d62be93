//! Reopening: closes a session and opens another in its place, one at a time.

use std::collections::VecDeque;

/// Where an owner is with opening a session in the place of another.
#[derive(Debug, Default)]
pub(super) struct Reopening {
    step: Step,
    /// Places that wait for their turn.
    waiting: VecDeque<usize>,
    /// How many were begun.
    number: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Step {
    #[default]
    Idle,
    /// The new session for this place is asked for.
    Creating(usize),
    /// This session waits for the end of its tasks.
    Draining(u64),
}

impl Reopening {
    /// A place is to have another session. Says whether that can begin; if not, it waits, once.
    pub(super) fn ask(&mut self, place: usize) -> bool {
        if self.step == Step::Idle {
            self.step = Step::Creating(place);
            return true;
        }
        if !self.waiting.contains(&place) {
            self.waiting.push_back(place);
        }
        false
    }

    /// The number of the one that begins, from 1.
    pub(super) const fn next_number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// The place whose new session is asked for.
    pub(super) const fn creating(&self) -> Option<usize> {
        match self.step {
            Step::Creating(place) => Some(place),
            _ => None,
        }
    }

    /// The new session is there: the old one waits for the end of its tasks.
    pub(super) const fn drain(&mut self, old: u64) {
        self.step = Step::Draining(old);
    }

    /// Whether this session waited for the end of its tasks; it does no more.
    pub(super) fn close(&mut self, session: u64) -> bool {
        let waited = self.step == Step::Draining(session);
        if waited {
            self.step = Step::Idle;
        }
        waited
    }

    /// The new session could not be opened: the old one goes on.
    pub(super) fn give_up(&mut self) {
        if self.creating().is_some() {
            self.step = Step::Idle;
        }
    }

    /// Begins the next that waits, if none is under way.
    pub(super) fn next(&mut self) -> Option<usize> {
        if self.step != Step::Idle {
            return None;
        }
        let place = self.waiting.pop_front()?;
        self.step = Step::Creating(place);
        Some(place)
    }

    /// The load is over: what has not begun does not begin.
    pub(super) fn forget_those_that_wait(&mut self) {
        self.waiting.clear();
    }
}

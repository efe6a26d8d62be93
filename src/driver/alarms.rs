//! What is to happen at a later moment, in the order of time and, at one moment, in the order of entry.

use std::{cmp::Reverse, collections::BinaryHeap};

use crate::time::Micros;

/// A queue of things that become due.
#[derive(Debug)]
pub(super) struct Alarms<T> {
    heap: BinaryHeap<Reverse<Alarm<T>>>,
    entered: u64,
}

#[derive(Debug)]
struct Alarm<T> {
    at: Micros,
    entry: u64,
    what: T,
}

impl<T> Default for Alarms<T> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            entered: 0,
        }
    }
}

impl<T> Alarms<T> {
    /// Enters `what` as due at `at`.
    pub(super) fn set(&mut self, at: Micros, what: T) {
        self.heap.push(Reverse(Alarm {
            at,
            entry: self.entered,
            what,
        }));
        self.entered += 1;
    }

    /// When the next is due.
    pub(super) fn next(&self) -> Option<Micros> {
        self.heap.peek().map(|Reverse(alarm)| alarm.at)
    }

    /// Takes the next that is due by `now`, and when it was due.
    pub(super) fn due(&mut self, now: Micros) -> Option<(Micros, T)> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse(alarm)| (alarm.at, alarm.what))
    }
}

impl<T> Ord for Alarm<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.entry).cmp(&(other.at, other.entry))
    }
}

impl<T> PartialOrd for Alarm<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Alarm<T> {
    fn eq(&self, other: &Self) -> bool {
        self.entry == other.entry
    }
}

impl<T> Eq for Alarm<T> {}

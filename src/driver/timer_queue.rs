//! The timer queue: entries in the order of their time and, at one moment, in the order in which they were added.

use std::{cmp::Reverse, collections::BinaryHeap};

use crate::time::Micros;

/// A priority queue of entries that become due.
#[derive(Debug)]
pub(super) struct TimerQueue<T> {
    heap: BinaryHeap<Reverse<Entry<T>>>,
    entered: u64,
}

#[derive(Debug)]
struct Entry<T> {
    at: Micros,
    entry: u64,
    what: T,
}

impl<T> Default for TimerQueue<T> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            entered: 0,
        }
    }
}

impl<T> TimerQueue<T> {
    /// Enters `what` as due at `at`.
    pub(super) fn set(&mut self, at: Micros, what: T) {
        self.heap.push(Reverse(Entry {
            at,
            entry: self.entered,
            what,
        }));
        self.entered += 1;
    }

    /// When the next is due.
    pub(super) fn next(&self) -> Option<Micros> {
        self.heap.peek().map(|Reverse(entry)| entry.at)
    }

    /// Takes the next that is due by `now`, and when it was due.
    pub(super) fn due(&mut self, now: Micros) -> Option<(Micros, T)> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| (entry.at, entry.what))
    }
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.entry).cmp(&(other.at, other.entry))
    }
}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.entry == other.entry
    }
}

impl<T> Eq for Entry<T> {}

//! The timer queue: entries in the order of their time and, at one moment, in the order in which they were added.

use std::{cmp::Reverse, collections::BinaryHeap};

use crate::time::Micros;

/// A priority queue of entries that become due.
///
/// What is due lies beside the heap, which moves its entries often: they are small.
#[derive(Debug)]
pub(super) struct TimerQueue<T> {
    /// When each is due, its place in the order of entering, and its place in `entries`.
    heap: BinaryHeap<Reverse<(Micros, u64, u32)>>,
    entries: Vec<Option<T>>,
    /// Places in `entries` without an entry.
    free: Vec<u32>,
    entered: u64,
}

impl<T> Default for TimerQueue<T> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            entries: Vec::new(),
            free: Vec::new(),
            entered: 0,
        }
    }
}

impl<T> TimerQueue<T> {
    /// Enters `what` as due at `at`.
    pub(super) fn set(&mut self, at: Micros, what: T) {
        let place = match self.free.pop() {
            Some(place) => {
                self.entries[place as usize] = Some(what);
                place
            }
            None => {
                self.entries.push(Some(what));
                (self.entries.len() - 1) as u32
            }
        };
        self.heap.push(Reverse((at, self.entered, place)));
        self.entered += 1;
    }

    /// When the next is due.
    pub(super) fn next(&self) -> Option<Micros> {
        self.heap.peek().map(|Reverse((at, ..))| *at)
    }

    /// Takes the next that is due by `now`, and when it was due.
    pub(super) fn due(&mut self, now: Micros) -> Option<(Micros, T)> {
        if self.next()? > now {
            return None;
        }
        let Reverse((at, _, place)) = self.heap.pop()?;
        self.free.push(place);
        let what = self.entries[place as usize].take()?;
        Some((at, what))
    }
}

#[cfg(test)]
mod tests {
    use super::TimerQueue;
    use crate::time::Micros;

    #[test]
    fn entries_come_by_time_and_then_in_the_order_of_entering() {
        let mut queue = TimerQueue::default();
        for (at, what) in [(5, 'a'), (3, 'b'), (5, 'c'), (9, 'd')] {
            queue.set(Micros(at), what);
        }
        assert_eq!(queue.due(Micros(2)), None);
        assert_eq!(queue.due(Micros(5)), Some((Micros(3), 'b')));
        assert_eq!(queue.due(Micros(5)), Some((Micros(5), 'a')));
        // Entered while others are due, for a moment that is over.
        queue.set(Micros(1), 'e');
        queue.set(Micros(5), 'f');
        let due: Vec<_> = std::iter::from_fn(|| queue.due(Micros(5))).collect();
        assert_eq!(due, [(Micros(1), 'e'), (Micros(5), 'c'), (Micros(5), 'f')]);
        assert_eq!(queue.next(), Some(Micros(9)));
    }
}

//! Arrivals and ends of tasks over a run, in memory that does not grow with their number.

use super::ArrivalWindow;
use crate::time::Micros;

/// Most bins of [`Ends`]; once a moment lies beyond them, each pair becomes one.
const MOST_BINS: u64 = 4096;
/// Width of a bin at first, in µs.
const FIRST_WIDTH: u64 = 1_000;

/// When tasks arrived, in any order of calls.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Arrivals {
    tasks: u64,
    /// The first arrival, and how many tasks arrived at that moment.
    first: Option<(Micros, u64)>,
    last: Micros,
}

impl Arrivals {
    /// Counts a task that arrived then.
    pub(super) fn record(&mut self, at: Micros) {
        self.tasks += 1;
        self.last = self.last.max(at);
        self.first = Some(match self.first {
            Some((first, tasks)) if first == at => (first, tasks + 1),
            Some(earlier) if earlier.0 < at => earlier,
            _ => (at, 1),
        });
    }

    /// The window from the first to the last arrival; `None` without any.
    pub(super) fn window(self) -> Option<ArrivalWindow> {
        self.first.map(|(first, at_first)| ArrivalWindow {
            tasks: self.tasks,
            tasks_at_first: at_first,
            first_us: first,
            last_us: self.last,
        })
    }
}

/// Ends of tasks over time, in bins that hold one moment each as long as these lie a bin apart.
#[derive(Clone, Debug)]
pub(super) struct Ends {
    width: u64,
    bins: Vec<Bin>,
}

/// The ends in one bin.
#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    tasks: u64,
    /// The last of them.
    last: Micros,
}

impl Default for Ends {
    fn default() -> Self {
        Self {
            width: FIRST_WIDTH,
            bins: Vec::new(),
        }
    }
}

impl Ends {
    /// Counts a task that ended then.
    pub(super) fn record(&mut self, at: Micros) {
        while at.0 / self.width >= MOST_BINS {
            self.halve();
        }
        let bin = (at.0 / self.width) as usize;
        if self.bins.len() <= bin {
            self.bins.resize(bin + 1, Bin::default());
        }
        self.bins[bin].add(Bin { tasks: 1, last: at });
    }

    /// Makes one bin of each pair.
    fn halve(&mut self) {
        self.width *= 2;
        let pairs = self.bins.chunks(2);
        self.bins = pairs
            .map(|pair| {
                let mut sum = Bin::default();
                pair.iter().for_each(|bin| sum.add(*bin));
                sum
            })
            .collect();
    }

    /// The tasks that ended after the first end at or after `from`, up to the last end at or before `to`, with these two
    /// ends. Blocks end tasks together: between two ends lie whole blocks. `None` if there are no two.
    pub(super) fn between(&self, from: Micros, to: Micros) -> Option<(Micros, Micros, u64)> {
        let ends = || self.bins.iter().filter(|bin| bin.tasks > 0);
        let first = ends().find(|bin| bin.last >= from)?.last;
        let window = || ends().filter(|bin| bin.last > first && bin.last <= to);
        let last = window().next_back()?.last;
        Some((first, last, window().map(|bin| bin.tasks).sum()))
    }
}

impl Bin {
    fn add(&mut self, other: Self) {
        self.tasks += other.tasks;
        self.last = self.last.max(other.last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn second(seconds: u64) -> Micros {
        Micros(seconds * 1_000_000)
    }

    #[test]
    fn arrivals_count_in_any_order() {
        for order in [[3, 1, 1, 2], [1, 1, 2, 3], [2, 3, 1, 1]] {
            let mut arrivals = Arrivals::default();
            order.iter().for_each(|at| arrivals.record(second(*at)));
            let window = arrivals.window().unwrap();
            assert_eq!((window.tasks, window.tasks_at_first), (4, 2), "{order:?}");
            assert_eq!(
                (window.first_us, window.last_us),
                (second(1), second(3)),
                "{order:?}"
            );
        }
        assert_eq!(Arrivals::default().window(), None);
    }

    /// 30 ends in each block of a second, over runs short and long: bins grow, the window is whole blocks.
    #[test]
    fn ends_are_counted_between_blocks() {
        for (blocks, from, to) in [
            (10, 3_500, 8_200),
            (10, 4_000, 8_000),
            (100_000, 3_500, 99_000_900),
        ] {
            let mut ends = Ends::default();
            for block in 1..=blocks {
                (0..30).for_each(|_| ends.record(second(block)));
            }
            assert!(ends.bins.len() as u64 <= MOST_BINS);
            let (from, to) = (Micros(from * 1_000), Micros(to * 1_000));
            let (first, last, tasks) = ends.between(from, to).unwrap();
            assert!(first >= from && last <= to, "{blocks}");
            assert_eq!(tasks * 1_000_000, 30 * last.since(first), "{blocks}");
        }
    }

    #[test]
    fn one_end_bounds_nothing() {
        let mut ends = Ends::default();
        assert_eq!(ends.between(second(0), second(9)), None);
        ends.record(second(5));
        assert_eq!(ends.between(second(0), second(9)), None);
        ends.record(second(7));
        assert_eq!(
            ends.between(second(0), second(9)),
            Some((second(5), second(7), 1))
        );
        assert_eq!(ends.between(second(6), second(9)), None);
        assert_eq!(ends.between(second(0), second(6)), None);
    }
}

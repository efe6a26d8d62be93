//! The rate of the last seconds, for whoever watches a run.

use crate::time::Micros;

/// Seconds that the rate is taken over.
const WINDOW: u64 = 5;
/// Slots: the window, the second that is under way, and room for records that come late.
const SLOTS: usize = 16;

/// Events per second of the run over its last 5 whole seconds.
#[derive(Clone, Debug, Default)]
pub(super) struct RecentRate {
    /// Second of the run → events in it, at that second modulo the number of slots.
    seconds: [(u64, u64); SLOTS],
    latest: u64,
}

impl RecentRate {
    /// Counts an event.
    pub(super) fn count(&mut self, moment: Micros) {
        let second = moment.0 / 1_000_000;
        let slot = &mut self.seconds[(second % SLOTS as u64) as usize];
        if slot.0 < second {
            *slot = (second, 0);
        }
        if slot.0 == second {
            slot.1 += 1;
        }
        self.advance(moment);
    }

    /// Notes that the run has come to this moment.
    pub(super) fn advance(&mut self, moment: Micros) {
        self.latest = self.latest.max(moment.0 / 1_000_000);
    }

    /// Events per second over the last 5 whole seconds, or over all of them in a run's first ones; in its very first
    /// second, the events so far.
    pub(super) fn per_second(&self) -> f64 {
        let Some(last) = self.latest.checked_sub(1) else {
            return self.seconds[0].1 as f64;
        };
        let first = self.latest.saturating_sub(WINDOW);
        let events: u64 = self
            .seconds
            .iter()
            .filter(|(second, _)| (first..=last).contains(second))
            .map(|(_, events)| events)
            .sum();
        events as f64 / (self.latest - first) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(seconds: u64) -> Micros {
        Micros(seconds * 1_000_000)
    }

    #[test]
    fn whole_seconds_count_and_old_ones_are_forgotten() {
        let mut rate = RecentRate::default();
        for moment in 0..10 {
            for _ in 0..(moment + 1) * 10 {
                rate.count(second(moment));
            }
        }
        assert_eq!(rate.per_second(), f64::from(50 + 60 + 70 + 80 + 90) / 5.0);
        rate.advance(second(30));
        assert_eq!(rate.per_second(), 0.0);
    }

    #[test]
    fn the_first_seconds_count_what_there_is() {
        let mut rate = RecentRate::default();
        assert_eq!(rate.per_second(), 0.0);
        rate.count(second(0));
        rate.count(second(0));
        assert_eq!(rate.per_second(), 2.0);
        rate.count(second(1));
        assert_eq!(rate.per_second(), 2.0);
    }
}

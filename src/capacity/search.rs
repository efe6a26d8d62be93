//! Chooses the next rate to try.

use std::collections::BTreeMap;

use super::CapacitySettings;

/// Digits that a rate is rounded to, so that people can read it and a scenario can write it.
const DIGITS: i32 = 4;

/// A search over rates: it doubles or halves until it has a rate that holds and a higher one that does not, then takes
/// the geometric mean of the two until they are close, and then repeats both until a majority of runs decides each.
#[derive(Clone, Debug)]
pub struct Search {
    from: f64,
    min: f64,
    max: f64,
    tolerance: f64,
    /// Equal verdicts that settle a rate for good.
    majority: u32,
    /// What came of each rate, by its millionths of a task per second.
    tried: BTreeMap<u64, Tried>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tried {
    held: u32,
    failed: u32,
}

/// What a search does next. Rates are in tasks per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// Tries a rate, for the first time or once more.
    Try {
        /// The rate.
        rate: f64,
        /// The number of times that it was tried before.
        before: u32,
    },
    /// Nothing more: these rates enclose the capacity.
    Done {
        /// The highest rate that holds; `None` if none does.
        holds: Option<f64>,
        /// The lowest rate that does not; `None` if even the highest that may be tried does.
        fails: Option<f64>,
    },
}

impl Search {
    /// A search that has tried nothing yet.
    #[must_use]
    pub fn new(settings: &CapacitySettings) -> Self {
        let max = rounded(settings.max_rate_per_s);
        Self {
            from: rounded(settings.from_per_s).min(max),
            min: rounded(settings.min_rate_per_s()).min(max),
            max,
            tolerance: settings.tolerance,
            majority: settings.repeats / 2 + 1,
            tried: BTreeMap::new(),
        }
    }

    /// Notes what came of a run at `rate`: whether it held, or was too low for the conditions. Both say that the limit
    /// lies above it.
    pub fn note(&mut self, rate: f64, held: bool) {
        let tried = self.tried.entry(key(rate)).or_default();
        *(if held { &mut tried.held } else { &mut tried.failed }) += 1;
    }

    /// The highest rate that holds below the lowest that does not, and that one.
    #[must_use]
    pub fn bracket(&self) -> (Option<f64>, Option<f64>) {
        let lowest = |held: bool| move |(_, tried): &(&u64, &Tried)| (tried.held > tried.failed) == held;
        let fails = self.tried.iter().find(lowest(false)).map(|(rate, _)| *rate);
        let below = self.tried.range(..fails.unwrap_or(u64::MAX));
        let holds = below.rev().find(lowest(true)).map(|(rate, _)| *rate);
        (holds.map(rate), fails.map(rate))
    }

    /// What to do next.
    #[must_use]
    pub fn next(&self) -> Next {
        if self.tried.is_empty() {
            return self.try_at(self.from);
        }
        // A rate that held as often as not is neither.
        if let Some((undecided, _)) = self.tried.iter().find(|(_, tried)| tried.held == tried.failed) {
            return self.try_at(rate(*undecided));
        }
        match self.bracket() {
            (Some(holds), None) if holds < self.max => self.try_at((holds * 2.0).min(self.max)),
            (None, Some(fails)) if fails > self.min => self.try_at((fails / 2.0).max(self.min)),
            (Some(holds), Some(fails)) if fails / holds - 1.0 > self.tolerance => {
                let middle = rounded((holds * fails).sqrt());
                if holds < middle && middle < fails {
                    self.try_at(middle)
                } else {
                    self.settle(Some(holds), Some(fails))
                }
            }
            (holds, fails) => self.settle(holds, fails),
        }
    }

    /// Repeats what holds and what does not until a majority decides, lower first.
    fn settle(&self, holds: Option<f64>, fails: Option<f64>) -> Next {
        let unsettled = |at: &f64| {
            let tried = self.tried.get(&key(*at)).copied().unwrap_or_default();
            tried.held.max(tried.failed) < self.majority
        };
        match [holds, fails].into_iter().flatten().find(unsettled) {
            Some(rate) => self.try_at(rate),
            None => Next::Done { holds, fails },
        }
    }

    fn try_at(&self, wanted: f64) -> Next {
        let rate = rounded(wanted);
        let tried = self.tried.get(&key(rate)).copied().unwrap_or_default();
        Next::Try {
            rate,
            before: tried.held + tried.failed,
        }
    }
}

fn key(rate: f64) -> u64 {
    (rate * 1e6).round() as u64
}

fn rate(key: u64) -> f64 {
    key as f64 / 1e6
}

/// A rate with four significant digits, and at most six decimals.
pub(super) fn rounded(rate: f64) -> f64 {
    let decimals = (DIGITS - 1 - rate.log10().floor() as i32).clamp(-12, 6);
    let scale = 10_f64.powi(decimals);
    (rate * scale).round() / scale
}

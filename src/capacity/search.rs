//! Chooses the next rate to try.

use std::collections::BTreeMap;

use super::{CapacitySettings, margin};

/// Digits that a rate is rounded to, so that people can read it and a scenario can write it.
const DIGITS: i32 = 4;
/// Runs at a rate of which the majority says whether the backlog grows, where another rate contradicts.
const RUNS_OF_A_CONTRADICTION: usize = 3;
/// Runs that say whether the backlog grows at a rate next to the capacity: two that agree are enough.
const VOTES: usize = 3;
/// By how many more runs the backlog grows than not, where fewer than [`VOTES`] decide.
const MAJORITY: usize = 2;
/// The share of the tolerance down to which rates are narrowed where longer steps tell no more.
const FINEST: f64 = 0.25;

/// A search over rates: it doubles or halves until it has a rate that holds and a higher one that does not, takes the
/// geometric mean of the two until they are close, then repeats both until their conditions are decided, and lengthens
/// steps until it is sure of what the system does at least, and that it does no more.
#[derive(Clone, Debug)]
pub struct Search {
    from: f64,
    min: f64,
    max: f64,
    tolerance: f64,
    /// Most runs at a rate that decide a condition.
    repeats: usize,
    /// How often the length of steps may be doubled.
    most_doublings: u32,
    /// The runs at each rate, by its millionths of a task per second.
    tried: BTreeMap<u64, Vec<Evidence>>,
}

/// What a run says of its rate and of the capacity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// How often the step's length was doubled.
    pub doublings: u32,
    /// Whether the backlog grew significantly; `None` if the step was too short to tell.
    pub grows: Option<bool>,
    /// Whether it grew by more than chance often explains, and less than it sometimes does.
    pub may_grow: bool,
    /// The rate that the system did at least, in tasks per second.
    pub at_least_per_s: Option<f64>,
    /// By how much each condition was kept, in its own unit; less than 0 if it was not.
    pub margins: Vec<f64>,
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
        /// How often the length of the step is doubled.
        doublings: u32,
    },
    /// Nothing more: these rates enclose the capacity.
    Done {
        /// The highest rate that holds; `None` if none does.
        holds: Option<f64>,
        /// The lowest rate that does not; `None` if even the highest that may be tried does.
        fails: Option<f64>,
        /// Whether the capacity is known as closely as was asked for.
        is_decided: bool,
    },
}

/// Whether a rate holds, and whether more runs could say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Verdict {
    holds: bool,
    is_sure: bool,
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
            repeats: settings.repeats as usize,
            most_doublings: settings.most_doublings(),
            tried: BTreeMap::new(),
        }
    }

    /// Notes what a run at `rate` says.
    pub fn note(&mut self, rate: f64, evidence: Evidence) {
        self.tried.entry(key(rate)).or_default().push(evidence);
    }

    /// The highest rate that holds below the lowest that does not, and that one; rates that so many repetitions did not
    /// decide are neither.
    #[must_use]
    pub fn bracket(&self) -> (Option<f64>, Option<f64>) {
        let of = |holds: bool| {
            move |(_, runs): &(&u64, &Vec<Evidence>)| self.verdict(runs).holds == holds && !self.is_open(runs)
        };
        let fails = self.tried.iter().find(of(false)).map(|(rate, _)| *rate);
        let below = self.tried.range(..fails.unwrap_or(u64::MAX));
        let holds = below.rev().find(of(true)).map(|(rate, _)| *rate);
        (holds.map(rate), fails.map(rate))
    }

    /// What the capacity is at least and at most, as far as is known: the highest rate that holds, or what the system is
    /// sure to do if that is less, and the lowest rate that does not hold.
    #[must_use]
    pub fn interval(&self) -> (Option<f64>, Option<f64>) {
        let (holds, fails) = self.bracket();
        (
            holds.zip(self.at_least()).map(|(holds, least)| holds.min(least)),
            fails,
        )
    }

    /// What to do next.
    #[must_use]
    pub fn next(&self) -> Next {
        if self.tried.is_empty() {
            return self.try_at(self.from, 0);
        }
        let next = self.clear_up().or_else(|| match self.bracket() {
            (Some(_), None) if self.highest() < self.max => {
                Some(self.try_at((self.highest() * 2.0).min(self.max), 0))
            }
            (None, Some(_)) if self.lowest() > self.min => {
                Some(self.try_at((self.lowest() / 2.0).max(self.min), 0))
            }
            (Some(holds), Some(fails)) => self
                .narrow(holds, fails, self.tolerance)
                .or_else(|| self.lengthen_unclear(fails))
                .or_else(|| self.settle([Some(holds), Some(fails)]))
                .or_else(|| self.sharpen(holds, fails))
                .or_else(|| self.confirm(holds, fails)),
            (holds, fails) => self
                .settle([holds, fails])
                .or_else(|| holds.and_then(|holds| self.sharpen(holds, holds))),
        });
        next.unwrap_or_else(|| {
            let (holds, fails) = self.bracket();
            let (least, most) = (self.interval().0, fails.or(holds));
            Next::Done {
                holds,
                fails,
                is_decided: match (holds, most) {
                    (None, fails) => fails.is_some(),
                    (Some(_), most) => least
                        .zip(most)
                        .is_some_and(|(least, most)| self.is_close(least, most)),
                },
            }
        })
    }

    /// Tries again, for longer, where the backlog may grow, and where it grows at a rate that another run says the system
    /// does. What was too short to tell is tried again at once only while no rate holds: above one that does, lower rates
    /// mostly decide sooner than longer steps.
    fn clear_up(&self) -> Option<Next> {
        let at_least = self.at_least().unwrap_or_default();
        let holds = self.bracket().0.is_some();
        self.tried.iter().find_map(|(key, runs)| {
            let is_contradicted =
                grows(runs) && at_least > rate(*key) && runs.len() < RUNS_OF_A_CONTRADICTION;
            let is_contradicted = is_contradicted.then(|| {
                let longer = (doublings(runs) + 1).min(self.most_doublings);
                self.try_at(rate(*key), longer)
            });
            is_contradicted
                .or_else(|| self.lengthen_unclear(rate(*key)).filter(|_| !holds))
                .or_else(|| self.lengthen_where(rate(*key), may_grow(runs)))
        })
    }

    /// Tries again, for longer, at a rate of which every step was too short to tell.
    fn lengthen_unclear(&self, rate: f64) -> Option<Next> {
        self.lengthen_where(rate, self.runs(rate).iter().all(|run| run.grows.is_none()))
    }

    fn lengthen_where(&self, rate: f64, is_needed: bool) -> Option<Next> {
        let doublings = self.doublings_at(rate);
        (is_needed && doublings < self.most_doublings).then(|| self.try_at(rate, doublings + 1))
    }

    /// Tries the middle of the widest gap between rates that are decided, if any is wider than `width`.
    fn narrow(&self, holds: f64, fails: f64, width: f64) -> Option<Next> {
        let between = self
            .tried
            .range(key(holds)..=key(fails))
            .map(|(key, _)| rate(*key));
        let rates: Vec<f64> = between.collect();
        let gaps = rates.windows(2).map(|pair| (pair[0], pair[1]));
        let (low, high) = gaps.max_by(|one, other| (one.1 / one.0).total_cmp(&(other.1 / other.0)))?;
        let middle = rounded((low * high).sqrt());
        (high / low - 1.0 > width && low < middle && middle < high)
            .then(|| self.try_at(middle, self.doublings_at(holds)))
    }

    /// Repeats rates until their conditions, and the growth of their backlog, are decided; lower rates first.
    fn settle(&self, rates: [Option<f64>; 2]) -> Option<Next> {
        let is_unsure = |at: &f64| !self.verdict(self.runs(*at)).is_sure;
        let rate = rates.into_iter().flatten().find(is_unsure)?;
        Some(self.try_at(rate, self.doublings_at(rate)))
    }

    /// Lengthens the step at the rate that holds until what the system does at least is close enough to `most`, and then
    /// narrows the rates further.
    fn sharpen(&self, holds: f64, most: f64) -> Option<Next> {
        let least = self.interval().0.unwrap_or_default();
        if self.is_close(least, most) {
            return None;
        }
        let doublings = self.doublings_at(holds);
        // Longer steps bring no two rates closer together.
        if doublings < self.most_doublings && self.is_close(holds, most) {
            return Some(self.try_at(holds, doublings + 1));
        }
        self.narrow(holds, most, self.tolerance * FINEST)
    }

    /// Tries the rate at which the backlog grows again, for at least half as long as the one that holds: until its queue has
    /// filled, a system grows below its capacity, too, with every seed, and the more so the shorter the step. Where a single run
    /// is trusted, it is.
    fn confirm(&self, holds: f64, fails: f64) -> Option<Next> {
        let enough = self.doublings_at(holds).saturating_sub(1);
        let is_short = self.doublings_at(fails) < enough;
        (self.repeats > 1 && is_short && grows(self.runs(fails))).then(|| self.try_at(fails, enough))
    }

    /// Whether both are within the tolerance of what lies between them.
    fn is_close(&self, least: f64, most: f64) -> bool {
        most * (1.0 - self.tolerance) <= least * (1.0 + self.tolerance)
    }

    /// The rate that the system does at least, by that one of the longest runs that says most. Shorter ones know less, and
    /// one of many might say too much.
    fn at_least(&self) -> Option<f64> {
        let runs = || self.tried.values().flatten();
        let longest = runs().map(|run| run.doublings).max()?;
        let longest = runs().filter(|run| run.doublings == longest);
        longest.filter_map(|run| run.at_least_per_s).reduce(f64::max)
    }

    /// The lowest rate that was tried.
    fn lowest(&self) -> f64 {
        self.tried.keys().next().map_or(self.from, |key| rate(*key))
    }

    /// The highest.
    fn highest(&self) -> f64 {
        self.tried.keys().next_back().map_or(self.from, |key| rate(*key))
    }

    fn runs(&self, at: f64) -> &[Evidence] {
        self.tried.get(&key(at)).map_or(&[], Vec::as_slice)
    }

    fn doublings_at(&self, at: f64) -> u32 {
        doublings(self.runs(at))
    }

    /// Whether a rate was repeated as often as may be, and its conditions are not decided. A growing backlog is decided by
    /// [`VOTES`] runs at most.
    fn is_open(&self, runs: &[Evidence]) -> bool {
        runs.len() >= self.repeats && !grows(runs) && !self.verdict(runs).is_sure
    }

    fn verdict(&self, runs: &[Evidence]) -> Verdict {
        if runs.iter().all(|run| run.grows.is_none()) {
            let (holds, is_sure) = (false, true);
            return Verdict { holds, is_sure };
        }
        if grows(runs) {
            let votes = votes(runs);
            // Runs that were too short to tell do not vote, and are not made forever.
            let longest = runs.iter().filter(|run| run.doublings == doublings(runs)).count();
            let all = runs.iter().filter(|run| run.grows == Some(true)).count();
            let is_sure = self.repeats == 1
                || votes.total.max(longest) >= VOTES
                || votes.grew >= votes.total - votes.grew + MAJORITY
                || votes.grew == votes.total && all >= VOTES;
            return Verdict {
                holds: false,
                is_sure,
            };
        }
        let conditions = runs.iter().map(|run| run.margins.len()).max().unwrap_or_default();
        let of = |condition: usize| -> Vec<f64> {
            runs.iter()
                .filter_map(|run| run.margins.get(condition).copied())
                .collect()
        };
        let verdicts = (0..conditions).map(|condition| {
            let margins = of(condition);
            Verdict {
                holds: margin::mean(&margins) > 0.0,
                is_sure: self.repeats == 1 || margin::is_significant(&margins),
            }
        });
        let (hold, fail): (Vec<_>, Vec<_>) = verdicts.partition(|verdict| verdict.holds);
        Verdict {
            holds: fail.is_empty(),
            is_sure: if fail.is_empty() {
                hold.iter().all(|verdict| verdict.is_sure)
            } else {
                fail.iter().any(|verdict| verdict.is_sure)
            },
        }
    }

    fn try_at(&self, wanted: f64, doublings: u32) -> Next {
        let rate = rounded(wanted);
        Next::Try {
            rate,
            before: self.runs(rate).len() as u32,
            doublings,
        }
    }
}

/// How many runs at a rate say whether its backlog grows, and how many that it does.
struct Votes {
    total: usize,
    grew: usize,
}

/// The votes of the longest runs that could tell: shorter ones do not see what those do.
fn votes(runs: &[Evidence]) -> Votes {
    let clear = || runs.iter().filter(|run| run.grows.is_some());
    let longest = clear().map(|run| run.doublings).max();
    let votes = || clear().filter(|run| Some(run.doublings) == longest);
    Votes {
        total: votes().count(),
        grew: votes().filter(|run| run.grows == Some(true)).count(),
    }
}

/// Whether the backlog grew in at least half of the runs that vote.
fn grows(runs: &[Evidence]) -> bool {
    let Votes { total, grew } = votes(runs);
    grew > 0 && 2 * grew >= total
}

/// Whether the backlog may grow, by all of the longest runs.
fn may_grow(runs: &[Evidence]) -> bool {
    let longest = doublings(runs);
    let mut longest = runs.iter().filter(|run| run.doublings == longest);
    !grows(runs) && longest.all(|run| run.may_grow)
}

fn doublings(runs: &[Evidence]) -> u32 {
    runs.iter().map(|run| run.doublings).max().unwrap_or_default()
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

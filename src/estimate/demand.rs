//! Demand of a load on the chain and the miners over time.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    time::Duration,
};

use super::{
    Level,
    cost::GroupCost,
    population::{self, GroupDraws},
};
use crate::{
    scenario::{Load, Scenario},
    time::Micros,
};

/// The load of a group of owners.
#[derive(Clone, Copy, Debug)]
pub(super) struct GroupDemand {
    /// Tasks in all.
    pub(super) tasks: u64,
    /// Whether tasks are submitted only as others end.
    pub(super) closed: bool,
    /// When a closed load begins, in µs.
    begins_us: f64,
    /// How many tasks of a closed load come one after the other in each place of a session.
    rounds: f64,
    /// How long it is from one of them to the next when nothing is in its way, in µs.
    round_us: f64,
}

impl GroupDemand {
    /// The demand of the group `index`, one task of which takes `task_us`.
    pub(super) fn of(scenario: &Scenario, index: usize, draws: &GroupDraws, task_us: u64) -> Self {
        let group = &scenario.owners[index];
        let submissions = &group.submissions;
        let Load::BackToBack { think_time, .. } = &submissions.load else {
            return Self {
                tasks: draws.arrivals.len() as u64,
                closed: false,
                begins_us: 0.0,
                rounds: 0.0,
                round_us: 0.0,
            };
        };
        let round_us = task_us.max(1) as f64 + think_time.mean().as_micros() as f64;
        let in_flight = draws.in_flight;
        let by_time = submissions.duration.map(|duration| {
            let rounds = (duration.as_micros() as f64 / round_us).ceil() as u64;
            in_flight.saturating_mul(rounds)
        });
        let tasks = group
            .task_limit()
            .unwrap_or(u64::MAX)
            .min(by_time.unwrap_or(u64::MAX));
        Self {
            tasks,
            closed: true,
            begins_us: submissions.start.as_micros() as f64,
            rounds: tasks.div_ceil(in_flight.max(1)) as f64,
            round_us,
        }
    }
}

/// What a scenario's load needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand {
    pub(super) rate: Level,
    pub(super) block_gas: Level,
    pub(super) miners: Level,
    /// When the last task arrives, in µs since the first.
    pub(super) last_us: f64,
    /// Time that miners work in all, in µs.
    pub(super) work_us: f64,
    /// Tasks that miners can work on at once.
    pub(super) places: f64,
}

/// What is needed in a stretch of time.
#[derive(Clone, Copy, Debug, Default)]
struct Needed {
    tasks: f64,
    gas: f64,
    work_us: f64,
}

impl Demand {
    /// The demand of all groups together. Takes memory in proportion to the tasks, not to the time that they take.
    pub(super) fn of(
        scenario: &Scenario,
        draws: &[GroupDraws],
        groups: &[GroupDemand],
        costs: &[GroupCost],
    ) -> Self {
        let bin_us = scenario.chain.block_time.max(Duration::from_secs(1)).as_micros() as f64;
        let work_us = mean_work_us(scenario);
        let needed = |group: usize, tasks: f64| {
            let cost = &costs[group];
            Needed {
                tasks,
                gas: tasks * cost.per_sample.gas as f64 / cost.sampled.max(1) as f64,
                work_us: tasks * draws[group].redundancy * work_us,
            }
        };
        let mut profile = Profile::new(bin_us);
        let (mut span_us, mut last_us, mut open) = (1.0_f64, 0.0_f64, 0.0);
        for (index, draws) in draws.iter().enumerate() {
            profile.add_arrivals(&draws.arrivals, needed(index, 1.0));
            last_us = draws
                .arrivals
                .last()
                .map_or(last_us, |at| last_us.max(at.0 as f64));
            open += draws.arrivals.len() as f64;
        }
        // Each of n tasks stands for its share of time, the last too.
        span_us = span_us.max(last_us * open / (open - 1.0_f64).max(1.0));
        for (index, group) in groups.iter().enumerate().filter(|(_, group)| group.closed) {
            let lasts = group.rounds * group.round_us;
            span_us = span_us.max(group.begins_us + lasts);
            last_us = last_us.max(group.begins_us + lasts - group.round_us);
            profile.add_evenly(group.begins_us, lasts, needed(index, group.tasks as f64));
        }
        let (total, peaks) = (profile.total, profile.peaks());
        let places = places(scenario);
        let gas_per_us = scenario.chain.gas_limit as f64 / scenario.chain.block_time.as_micros() as f64;
        let level = |of: fn(&Needed) -> f64, capacity: f64| {
            let peak = of(&peaks) / bin_us;
            // A load shorter than a stretch is as high on average as at its peak, at most.
            let mean = of(&total) / span_us.max(bin_us);
            Level {
                mean: mean / capacity,
                peak: peak.max(mean) / capacity,
            }
        };
        Self {
            rate: level(|needed| needed.tasks, 1e-6),
            block_gas: level(|needed| needed.gas, gas_per_us),
            miners: level(|needed| needed.work_us, places),
            last_us,
            work_us: total.work_us,
            places,
        }
    }
}

/// Tasks per second at which these groups' tasks arrive, in ascending order each: on average, and in the busiest stretch of
/// this length.
pub(super) fn rate(arrivals: &[&[Micros]], stretch: Duration) -> Level {
    let bin_us = stretch.as_micros() as f64;
    let mut profile = Profile::new(bin_us);
    let each = Needed {
        tasks: 1.0,
        ..Needed::default()
    };
    for moments in arrivals {
        profile.add_arrivals(moments, each);
    }
    let tasks = profile.total.tasks;
    let last = arrivals.iter().filter_map(|moments| moments.last()).max();
    let last_us = last.map_or(0.0, |last| last.0 as f64);
    // Each of n tasks stands for its share of time, the last too.
    let span_us = last_us * tasks / (tasks - 1.0).max(1.0);
    let mean = tasks / span_us.max(bin_us);
    let peak = profile.peaks().tasks / bin_us;
    Level {
        mean: mean * 1e6,
        peak: peak.max(mean) * 1e6,
    }
}

/// What is needed over time, in bins of equal length.
#[derive(Debug)]
struct Profile<'a> {
    bin_us: f64,
    /// Moments in ascending order, and what is needed at each.
    arrivals: Vec<(&'a [Micros], Needed)>,
    /// By how much more is needed in every bin from here on, or less.
    changes: BTreeMap<u64, Needed>,
    total: Needed,
}

impl<'a> Profile<'a> {
    fn new(bin_us: f64) -> Self {
        Self {
            bin_us,
            arrivals: Vec::new(),
            changes: BTreeMap::new(),
            total: Needed::default(),
        }
    }

    fn bin(&self, at_us: f64) -> u64 {
        (at_us / self.bin_us) as u64
    }

    /// Adds `each` at every one of these moments, which ascend.
    fn add_arrivals(&mut self, moments: &'a [Micros], each: Needed) {
        self.arrivals.push((moments, each));
        self.total = self.total.plus(each.times(moments.len() as f64));
    }

    /// Spreads `needed` evenly over the bins of a time.
    fn add_evenly(&mut self, begins_us: f64, lasts_us: f64, needed: Needed) {
        let bins = (lasts_us / self.bin_us).ceil().max(1.0);
        let first = self.bin(begins_us);
        let each = needed.times(1.0 / bins);
        for (bin, change) in [
            (first, each),
            (first.saturating_add(bins as u64), each.times(-1.0)),
        ] {
            let entry = self.changes.entry(bin).or_default();
            *entry = entry.plus(change);
        }
        self.total = self.total.plus(needed);
    }

    /// The most of each in any bin. Visits only bins in which something arrives or changes.
    fn peaks(&self) -> Needed {
        let (mut peaks, mut level) = (Needed::default(), Needed::default());
        let mut changes = self.changes.iter().peekable();
        let mut next: BinaryHeap<_> = (0..self.arrivals.len())
            .filter_map(|group| self.cursor(group, 0))
            .collect();
        while let Some(&Reverse((bin, ..))) = next.peek() {
            while let Some((_, change)) = changes.next_if(|(at, _)| **at <= bin) {
                level = level.plus(*change);
                peaks = peaks.max(level);
            }
            let mut needed = level;
            while let Some(&Reverse((at, group, place))) = next.peek() {
                if at != bin {
                    break;
                }
                next.pop();
                let (moments, each) = self.arrivals[group];
                let of_bin = moments[place..]
                    .iter()
                    .take_while(|at| self.bin(at.0 as f64) <= bin);
                let here = of_bin.count();
                needed = needed.plus(each.times(here as f64));
                next.extend(self.cursor(group, place + here));
            }
            peaks = peaks.max(needed);
        }
        for (_, change) in changes {
            level = level.plus(*change);
            peaks = peaks.max(level);
        }
        peaks
    }

    /// The bin of a group's arrival `place`, with the group and the place; the earliest comes first.
    fn cursor(&self, group: usize, place: usize) -> Option<Reverse<(u64, usize, usize)>> {
        let at = self.arrivals[group].0.get(place)?;
        Some(Reverse((self.bin(at.0 as f64), group, place)))
    }
}

impl Needed {
    fn times(self, factor: f64) -> Self {
        Self {
            tasks: self.tasks * factor,
            gas: self.gas * factor,
            work_us: self.work_us * factor,
        }
    }

    fn max(self, other: Self) -> Self {
        Self {
            tasks: self.tasks.max(other.tasks),
            gas: self.gas.max(other.gas),
            work_us: self.work_us.max(other.work_us),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            tasks: self.tasks + other.tasks,
            gas: self.gas + other.gas,
            work_us: self.work_us + other.work_us,
        }
    }
}

/// How long a miner works on a task in the mean, in µs: every miner gets as many tasks as any other.
fn mean_work_us(scenario: &Scenario) -> f64 {
    let groups = scenario.miners.iter();
    let work: f64 = groups
        .map(|group| f64::from(group.count) * group.work_time.mean().as_micros() as f64)
        .sum();
    work / scenario.miner_count().max(1) as f64
}

/// Tasks that the miners of all sessions can work on at once.
fn places(scenario: &Scenario) -> f64 {
    let miners = scenario.miner_count().max(1) as f64;
    let places = population::places(scenario);
    // Sessions that draw fewer miners than there are leave the others without work.
    let drawn: f64 = scenario
        .owners
        .iter()
        .map(|group| group.total_sessions() as f64 * f64::from(group.max_nodes))
        .sum();
    places * (drawn / miners).min(1.0)
}

//! What a load asks of the chain and of the miners over time.

use std::time::Duration;

use super::{Level, probe::GroupCost};
use crate::{
    plan::{LoadPlan, OwnerPlan, Plan},
    scenario::{Load, Scenario},
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
    /// How many miners a task keeps busy, in the mean.
    redundancy: f64,
}

impl GroupDemand {
    /// The demand of the group `index`, one task of which takes `task_us`.
    pub(super) fn of(scenario: &Scenario, plan: &Plan, index: usize, task_us: u64) -> Self {
        let group = &scenario.owners[index];
        let redundancy = redundancy(scenario, plan, index);
        let Load::BackToBack { think_time, .. } = &group.load else {
            return Self {
                tasks: arrivals(plan, index).count() as u64,
                closed: false,
                begins_us: 0.0,
                rounds: 0.0,
                round_us: 0.0,
                redundancy,
            };
        };
        let round_us = (task_us.max(1) + think_time.mean().as_micros() as u64) as f64;
        let in_flight = owners(plan, index)
            .flat_map(in_flight)
            .fold(0, |sum: u64, tasks| sum.saturating_add((*tasks).into()));
        let by_time = group.duration.map(|duration| {
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
            begins_us: group.start.as_micros() as f64,
            rounds: tasks.div_ceil(in_flight.max(1)) as f64,
            round_us,
            redundancy,
        }
    }
}

fn owners(plan: &Plan, group: usize) -> impl Iterator<Item = &OwnerPlan> {
    plan.owners
        .iter()
        .filter(move |owner| owner.group as usize == group)
}

/// Tasks in flight of each session of a closed load; of an open one there is no such number.
fn in_flight(owner: &OwnerPlan) -> &[u32] {
    match &owner.load {
        LoadPlan::Closed { in_flight, .. } => in_flight,
        LoadPlan::Open(_) => &[],
    }
}

/// How many miners a task of the group is given to, in the mean over its tasks: where their number is not known, a session
/// has as large a share of them as of those in flight.
pub(super) fn redundancy(scenario: &Scenario, plan: &Plan, group: usize) -> f64 {
    let (mut tasks, mut given) = (0.0, 0.0);
    for owner in owners(plan, group) {
        let mut in_flight = in_flight(owner).iter();
        for session in &owner.sessions {
            let in_flight = in_flight.next().copied().map(u64::from);
            let own = session.tasks.or(in_flight).unwrap_or_default() as f64;
            tasks += own;
            given += own * session.spec.redundancy as f64;
        }
    }
    if tasks > 0.0 {
        given / tasks
    } else {
        scenario.owners[group].redundancy.expected()
    }
}

/// When the tasks of an open group arrive, in µs since the load began, in no order.
fn arrivals(plan: &Plan, group: usize) -> impl Iterator<Item = u64> {
    owners(plan, group)
        .flat_map(|owner| match &owner.load {
            LoadPlan::Open(arrivals) => arrivals.as_slice(),
            LoadPlan::Closed { .. } => &[],
        })
        .map(|arrival| arrival.at.0)
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
    /// The demand of all groups together.
    pub(super) fn of(scenario: &Scenario, plan: &Plan, groups: &[GroupDemand], costs: &[GroupCost]) -> Self {
        let bin_us = scenario.chain.block_time.max(Duration::from_secs(1)).as_micros() as f64;
        let work_us = mean_work_us(scenario);
        let needed = |group: usize, tasks: f64| {
            let cost = &costs[group];
            Needed {
                tasks,
                gas: tasks * cost.per_sample.gas as f64 / cost.sampled.max(1) as f64,
                work_us: tasks * groups[group].redundancy * work_us,
            }
        };
        let mut bins: Vec<Needed> = Vec::new();
        let (mut span_us, mut last_us) = (1.0_f64, 0.0_f64);
        for index in 0..groups.len() {
            for at in arrivals(plan, index) {
                add(&mut bins, at as f64 / bin_us, needed(index, 1.0));
                last_us = last_us.max(at as f64);
            }
        }
        // Each of n tasks stands for its share of time, the last too.
        let open = bins.iter().map(|bin| bin.tasks).sum::<f64>();
        span_us = span_us.max(last_us * open / (open - 1.0).max(1.0));
        for (index, group) in groups.iter().enumerate().filter(|(_, group)| group.closed) {
            let lasts = group.rounds * group.round_us;
            span_us = span_us.max(group.begins_us + lasts);
            last_us = last_us.max(group.begins_us + lasts - group.round_us);
            let first = (group.begins_us / bin_us).floor();
            let whole = (lasts / bin_us).ceil().max(1.0);
            for bin in 0..whole as u64 {
                add(
                    &mut bins,
                    first + bin as f64,
                    needed(index, group.tasks as f64 / whole),
                );
            }
        }
        let total = bins.iter().fold(Needed::default(), |sum, bin| sum.plus(*bin));
        let places = places(scenario, plan);
        let gas_per_us = scenario.chain.gas_limit as f64 / scenario.chain.block_time.as_micros() as f64;
        let level = |of: fn(&Needed) -> f64, capacity: f64| {
            let peak = bins.iter().map(of).fold(0.0, f64::max) / bin_us;
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

impl Needed {
    fn plus(self, other: Self) -> Self {
        Self {
            tasks: self.tasks + other.tasks,
            gas: self.gas + other.gas,
            work_us: self.work_us + other.work_us,
        }
    }
}

/// Adds to the bin that holds `place`.
fn add(bins: &mut Vec<Needed>, place: f64, needed: Needed) {
    let index = place as usize;
    if index >= bins.len() {
        bins.resize(index + 1, Needed::default());
    }
    bins[index] = bins[index].plus(needed);
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
fn places(scenario: &Scenario, plan: &Plan) -> f64 {
    let miners = scenario.miner_count().max(1) as f64;
    let places: f64 = plan.miners.iter().map(|miner| f64::from(miner.concurrency)).sum();
    // Sessions that draw fewer miners than there are leave the others without work.
    let drawn: f64 = scenario
        .owners
        .iter()
        .map(|group| group.total_sessions() as f64 * f64::from(group.max_nodes))
        .sum();
    places * (drawn / miners).min(1.0)
}

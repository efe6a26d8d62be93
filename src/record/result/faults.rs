//! Faults of a run: what happened, how the system took it, and when it recovered.

use serde::{Deserialize, Serialize};

use crate::{
    fault::{FaultLog, FaultOccurrences},
    time::Micros,
};

/// Tasks before the first fault that a recovery is measured against, at least.
const BASELINE_TASKS: usize = 20;
/// The length of the stretches of ends that a recovery is found by, in µs.
const STRETCH_US: u64 = 1_000_000;

/// The faults of a run and what came of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FaultsResult {
    /// Each fault of the scenario, in its order.
    pub faults: Vec<FaultOccurrences>,
    /// How long tasks took.
    pub task_times: TaskTimes,
    /// When tasks were served as before, after each window of a fault; empty where there were too few tasks before the first.
    pub recovery: Vec<Recovery>,
    /// The difference to the same run without faults; `None` where there was no such run.
    pub sensitivity: Option<Sensitivity>,
}

/// The distribution of the times of tasks, submitted as intended to ended; one that never ended took for ever.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TaskTimes {
    /// Tasks that were asked for.
    pub offered: u64,
    /// Those that ended with a result.
    pub ended: u64,
    /// The mean of these, in µs; 0 if none ended.
    pub mean_us: f64,
    /// Their percentiles 0 to 100, in µs; empty if none ended.
    pub percentiles_us: Vec<u64>,
}

/// The time after a window of a fault until tasks are served as before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// The fault.
    pub fault: String,
    /// When its window ended.
    pub from_us: Micros,
    /// The time from there to the beginning of the first second in which tasks end whose median took at most as long as 95 % of
    /// the tasks before the first fault; `None` if there was none.
    pub recovered_after_us: Option<u64>,
}

/// The difference that faults made to the times of tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// The difference of the areas under the cumulative distributions of task times up to the longest time of both runs, without
    /// faults less with faults, in µs; tasks that never ended are in no step of a distribution. Where all tasks end it is the
    /// difference of the means. Negative if faults made tasks faster.
    pub area_us: f64,
    /// The times of the same run without faults.
    pub baseline: TaskTimes,
}

impl FaultsResult {
    /// What came of these faults, with every task's intended submission and, if it ended with a result, its time in µs.
    #[must_use]
    pub fn of(log: FaultLog, tasks: &[(Micros, Option<u64>)]) -> Self {
        let recovery = recoveries(&log, tasks);
        Self {
            faults: log.faults,
            task_times: TaskTimes::of(tasks.iter().map(|(_, time)| *time)),
            recovery,
            sensitivity: None,
        }
    }

    /// Compares it with the same run without faults.
    pub fn compare_with(&mut self, without: &Self) {
        let baseline = without.task_times.clone();
        let longest = baseline.longest_us().max(self.task_times.longest_us());
        self.sensitivity = Some(Sensitivity {
            area_us: (baseline.area_us(longest) - self.task_times.area_us(longest)).round(),
            baseline,
        });
    }

    /// How often all faults struck.
    #[must_use]
    pub fn strikes(&self) -> u64 {
        self.faults.iter().map(|fault| fault.count).sum()
    }
}

impl TaskTimes {
    /// The distribution of these times, `None` for a task that never ended.
    fn of(times: impl Iterator<Item = Option<u64>>) -> Self {
        let mut offered = 0;
        let times = times.inspect(|_| offered += 1).flatten();
        let mut times: Vec<u64> = times.collect();
        times.sort_unstable();
        let percentile = |percent: usize| {
            times
                .get((times.len().saturating_sub(1) * percent + 50) / 100)
                .copied()
        };
        Self {
            offered,
            ended: times.len() as u64,
            mean_us: times.iter().sum::<u64>() as f64 / times.len().max(1) as f64,
            percentiles_us: (0..=100).filter_map(percentile).collect(),
        }
    }

    /// The longest time.
    #[must_use]
    pub fn longest_us(&self) -> u64 {
        self.percentiles_us.last().copied().unwrap_or_default()
    }

    /// The area under the cumulative distribution up to `limit_us`, which is at least the longest time, in µs.
    fn area_us(&self, limit_us: u64) -> f64 {
        let share = self.ended as f64 / self.offered.max(1) as f64;
        share * (limit_us as f64 - self.mean_us)
    }
}

/// The recovery after each window that ended before the last task did.
fn recoveries(log: &FaultLog, tasks: &[(Micros, Option<u64>)]) -> Vec<Recovery> {
    let windows = log.faults.iter().flat_map(|fault| {
        let windows = fault.windows_us.iter();
        windows.map(move |(from, to)| (fault, *from, *to))
    });
    let windows: Vec<_> = windows.collect();
    let Some(first) = windows.iter().map(|(_, from, _)| *from).min() else {
        return Vec::new();
    };
    let before = tasks.iter().filter(|(intended, _)| *intended < first);
    let mut before: Vec<u64> = before.map(|(_, time)| time.unwrap_or(u64::MAX)).collect();
    if before.len() < BASELINE_TASKS {
        return Vec::new();
    }
    before.sort_unstable();
    let usual = before[(before.len() * 95).div_ceil(100) - 1];
    let last = ends(tasks).map(|(end, _)| end).max().unwrap_or_default();
    windows
        .into_iter()
        .filter(|(_, _, to)| *to <= last)
        .map(|(fault, _, to)| Recovery {
            fault: fault.fault.clone(),
            from_us: to,
            recovered_after_us: recovered_after(tasks, to, usual),
        })
        .collect()
}

/// When each task ended that did, and its time in µs.
fn ends(tasks: &[(Micros, Option<u64>)]) -> impl Iterator<Item = (Micros, u64)> {
    let tasks = tasks.iter();
    tasks.filter_map(|(intended, time)| Some((Micros(intended.0.saturating_add((*time)?)), (*time)?)))
}

/// The time from `from` to the first second of ends whose median task took at most `usual`.
fn recovered_after(tasks: &[(Micros, Option<u64>)], from: Micros, usual: u64) -> Option<u64> {
    let mut after: Vec<(u64, u64)> = ends(tasks)
        .filter(|(end, _)| *end >= from)
        .map(|(end, time)| (end.since(from) / STRETCH_US, time))
        .collect();
    after.sort_unstable();
    let mut stretches = after.chunk_by(|one, next| one.0 == next.0);
    let served = stretches.find(|stretch| stretch[(stretch.len() - 1) / 2].1 <= usual)?;
    Some(served[0].0 * STRETCH_US)
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000;

    /// Forty tasks, one a second, of these times in seconds from the 20th second on and of two seconds before.
    fn tasks(later: impl Fn(u64) -> Option<u64>) -> Vec<(Micros, Option<u64>)> {
        let time = |second| if second < 20 { Some(2) } else { later(second) };
        (0..40)
            .map(|second| (Micros(second * S), time(second).map(|time| time * S)))
            .collect()
    }

    fn log(from: u64, to: u64) -> FaultLog {
        FaultLog {
            faults: vec![FaultOccurrences {
                fault: "stall".to_owned(),
                kind: "stall".to_owned(),
                count: 1,
                first_us: Some(Micros(from * S)),
                last_us: Some(Micros(from * S)),
                windows_us: vec![(Micros(from * S), Micros(to * S))],
            }],
        }
    }

    #[test]
    fn recovery_is_when_tasks_are_served_as_before() {
        for (tasks, after) in [
            (tasks(|second| Some(if second < 27 { 3 } else { 2 })), Some(7 * S)),
            (tasks(|_| Some(2)), Some(0)),
            (tasks(|_| Some(9)), None),
            (tasks(|second| (second > 30).then_some(2)), Some(11 * S)),
        ] {
            let result = FaultsResult::of(log(20, 22), &tasks);
            assert_eq!(result.recovery[0].recovered_after_us, after);
        }
    }

    #[test]
    fn without_tasks_before_the_first_fault_nothing_is_said_of_recovery() {
        assert!(
            FaultsResult::of(log(10, 12), &tasks(|_| Some(2)))
                .recovery
                .is_empty()
        );
    }

    #[test]
    fn sensitivity_is_the_difference_of_means_and_more_where_tasks_never_end() {
        let without = FaultsResult::of(FaultLog::default(), &tasks(|_| Some(2)));
        let area = |later: fn(u64) -> Option<u64>| {
            let mut with = FaultsResult::of(log(20, 22), &tasks(later));
            with.compare_with(&without);
            with.sensitivity.expect("it was compared").area_us
        };
        assert_eq!(area(|_| Some(2)), 0.0);
        // Half of the tasks take two seconds more.
        assert_eq!(area(|_| Some(4)), S as f64);
        // Half of the tasks never end: half of the area up to the longest time of ten seconds is missing beside.
        let lost = area(|second| (second == 20).then_some(10));
        assert_eq!(lost, (8.0 - (21.0 / 40.0) * (10.0 - 50.0 / 21.0)) * S as f64);
    }
}

//! Forecasts of a run from simulations of the scenario with other seeds: what to expect, and the ranges in which runs lie.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};
use tokio_util::sync::CancellationToken;

use super::{Estimate, LoadVerdict, Offered};
use crate::{
    record::{Progress, Recorder, RunResult, StopReason},
    run::{parallel_map_seeds, simulate_unjudged},
    scenario::Scenario,
};

/// A run lies in a range with this probability.
const CONFIDENCE: f64 = 0.95;
/// Fewest simulations.
const LEAST_RUNS: u64 = 3;
/// Most simulations.
const MOST_RUNS: u64 = 20;
/// Transactions of all simulations together, where that leaves [`LEAST_RUNS`].
const MOST_TRANSACTIONS: u64 = 160_000;
/// Transactions of a scenario that is simulated whole.
const MOST_WHOLE: u64 = 70_000;
/// Transactions of the load of a longer one that are simulated.
const FIRST_PART: u64 = 15_000;
/// Blocks of a simulation's load, about; of a longer load the first part is simulated.
const MOST_BLOCKS: f64 = 20_000.0;
/// Fewest tasks of a first part: fewer tell nothing of the rest.
const LEAST_TASKS: u64 = 20;
/// Most actors of a scenario that is simulated: each has its own transactions of set-up.
const MOST_ACTORS: u64 = 20_000;

/// What runs of a scenario are expected to measure, each figure with the range in which 95 % of runs with this plan's
/// arrivals lie.
///
/// The scenario is simulated with seeds of its own. Every figure of a simulation is put at the number of tasks and the last
/// arrival that the scenario's seed plans. The range is the prediction interval of one more run: mean ± t(0.975, n − 1) · s ·
/// √(1 + 1/n) over n simulations (G. Hahn and W. Meeker, "Statistical Intervals", section 4.7), of the figures or of their
/// logarithms, whichever reaches farther: the longest of many tasks, which decides how long a run takes, is skewed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Forecast {
    /// The probability with which a run lies in a range.
    pub confidence: f64,
    /// The number of simulations.
    pub runs: u64,
    /// Tasks that a simulation submitted, in the mean.
    pub simulated_tasks: u64,
    /// Whether each was of the whole scenario, and not of the first part of its load, scaled up.
    pub whole: bool,
    /// Tasks submitted.
    pub tasks: Range,
    /// Those of them that failed or did not end.
    pub tasks_not_ended: Range,
    /// Transactions, those of setup included.
    pub transactions: Range,
    /// Gas of all transactions.
    pub gas: Range,
    /// The duration of the run, setup included, in µs. `None` if only the first part was simulated and that does not tell
    /// how long the rest takes.
    pub duration_us: Option<Range>,
    /// How long a task takes from its intended submission to its end, in µs: the mean of a run. `None` if none ended.
    pub task_us: Option<Range>,
}

/// Where a figure of a run lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Range {
    /// The mean.
    pub expected: u64,
    /// The lower end.
    pub low: u64,
    /// The upper end.
    pub high: u64,
}

/// The figures of a simulation, as those of a run of the whole scenario with its own arrivals.
#[derive(Clone, Copy, Debug)]
struct Figures {
    simulated_tasks: f64,
    tasks: f64,
    not_ended: f64,
    transactions: f64,
    gas: f64,
    duration_us: f64,
    task_us: Option<f64>,
}

impl Forecast {
    /// The forecast of `scenario`, of the reference protocol, of which `estimate` is known.
    ///
    /// # Errors
    /// The reason why it cannot be simulated.
    pub fn of(scenario: &Scenario, estimate: &Estimate) -> Result<Self, String> {
        if scenario.chain.fork.is_some() {
            return Err(
                "the scenario forks a node's chain, which the embedded chain does not have".to_owned(),
            );
        }
        let actors = actors(scenario);
        if actors > MOST_ACTORS {
            return Err(format!(
                "it has more than the {MOST_ACTORS} actors that are simulated"
            ));
        }
        let block_us = scenario.chain.block_time.as_micros() as f64;
        if estimate.task_us as f64 > MOST_BLOCKS * block_us {
            return Err(format!("a task takes more than {MOST_BLOCKS} blocks"));
        }
        let offered = &Offered::of(scenario);
        let of_load = of_load(scenario, estimate.tasks);
        let by_blocks = MOST_BLOCKS * block_us / estimate.load_us.max(1) as f64;
        let by_transactions = match actors.saturating_add(of_load) {
            0..=MOST_WHOLE => 1.0,
            _ => FIRST_PART as f64 / of_load as f64,
        };
        let share = by_transactions.min(by_blocks).min(1.0);
        let whole = share >= 1.0;
        if !whole && estimate.tasks as f64 * share < LEAST_TASKS as f64 {
            return Err(format!(
                "its first {MOST_BLOCKS} blocks have less than {LEAST_TASKS} tasks"
            ));
        }
        let each = actors as f64 + of_load as f64 * share;
        let runs = ((MOST_TRANSACTIONS as f64 / each) as u64).clamp(LEAST_RUNS, MOST_RUNS);
        let seeds: Vec<u64> = (1..=runs).map(|run| other_seed(scenario.seed, run)).collect();
        let figures = parallel_map_seeds(&seeds, |seed| figures(scenario, offered, share, seed));
        let figures = figures.into_iter().collect::<Result<Vec<_>, _>>()?;
        let verdicts = [estimate.gas_verdict(), estimate.miners_verdict()];
        let is_overloaded = verdicts.contains(&LoadVerdict::Overloaded);
        let is_known = whole || !is_overloaded && !changes(scenario);
        let range = |of: fn(&Figures) -> f64| Range::of(&figures.iter().map(of).collect::<Vec<_>>(), 0.0);
        // What differs is how long the run goes on after the last arrival.
        let last = offered.last_arrival_us.map_or(0.0, |last| last as f64);
        let last = figures
            .iter()
            .fold(last, |last, figures| last.min(figures.duration_us));
        let after: Vec<f64> = figures.iter().map(|figures| figures.duration_us - last).collect();
        let took: Option<Vec<f64>> = figures.iter().map(|figures| figures.task_us).collect();
        Ok(Self {
            confidence: CONFIDENCE,
            runs,
            simulated_tasks: range(|figures| figures.simulated_tasks).expected,
            whole,
            tasks: range(|figures| figures.tasks),
            tasks_not_ended: range(|figures| figures.not_ended),
            transactions: range(|figures| figures.transactions),
            gas: range(|figures| figures.gas),
            // A run ends with a block: simulations that all end with the same say nothing of those that just miss it.
            duration_us: is_known.then(|| Range::of(&after, block_us).later(last)),
            task_us: took.map(|took| Range::of(&took, 0.0)),
        })
    }
}

impl Range {
    /// The range of one more value, that reaches `least` from the mean of these at least.
    fn of(values: &[f64], least: f64) -> Self {
        let (mean, half) = interval(values);
        let (mut low, mut high) = (mean - half, mean + half);
        if values.iter().all(|value| *value > 0.0) {
            let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
            let (middle, half) = interval(&logarithms);
            low = low.min((middle - half).exp());
            high = high.max((middle + half).exp());
        }
        // What is left of equal values is rounding.
        if high - low <= mean * 1e-9 {
            (low, high) = (mean, mean);
        }
        let expected = mean.round() as u64;
        let end = |end: f64| end.max(0.0).round() as u64;
        Self {
            expected,
            low: expected.min(end(low.min(mean - least))),
            high: expected.max(end(high.max(mean + least))),
        }
    }

    /// The same, later by this much.
    fn later(self, by: f64) -> Self {
        let by = by.round() as u64;
        Self {
            expected: self.expected + by,
            low: self.low + by,
            high: self.high + by,
        }
    }
}

/// The mean of values, and half the prediction interval of one more.
fn interval(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n.max(1.0);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let freedom = (n - 1.0).max(1.0);
    let t = StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |student| {
        student.inverse_cdf(f64::midpoint(1.0, CONFIDENCE))
    });
    let half = match squares > 0.0 {
        true => t * (squares / freedom * (1.0 + 1.0 / n)).sqrt(),
        false => 0.0,
    };
    (mean, half)
}

/// Simulates a share of the scenario with this seed.
fn figures(scenario: &Scenario, offered: &Offered, share: f64, seed: u64) -> Result<Figures, String> {
    let mut simulated = match share < 1.0 {
        true => scenario.first_part(share),
        false => scenario.clone(),
    };
    simulated.seed = seed;
    simulated.thresholds.clear();
    let own = Offered::of(&simulated);
    let recorder = Recorder::new(simulated.schema());
    let never = CancellationToken::new();
    let ran = simulate_unjudged(&simulated, recorder, &never, |_: &Progress| {});
    let ran = ran.map_err(|error| error.to_string())?.result;
    match &ran.stop_message {
        Some(message) if ran.stop_reason == StopReason::Failed => Err(message.clone()),
        _ => Ok(Figures::of(&ran, offered, &own, share)),
    }
}

impl Figures {
    /// Puts the figures of a simulation, of which `own` was offered, at the tasks and the last arrival of `offered`.
    fn of(ran: &RunResult, offered: &Offered, own: &Offered, share: f64) -> Self {
        let times = match offered.tasks.zip(own.tasks) {
            Some((all, simulated)) => all as f64 / simulated.max(1) as f64,
            None => 1.0 / share,
        };
        let setup = ran.phases.iter().filter(|(phase, _)| phase.is_setup());
        let (of_setup, gas_of_setup) = setup.fold((0, 0), |(count, gas), (_, phase)| {
            (count + phase.transactions.total, gas + phase.gas_total)
        });
        let scaled = |all: u64, setup: u64| setup as f64 + (all - setup.min(all)) as f64 * times;
        let setup_us = ran.load.setup_end_us.unwrap_or_default().0;
        let load_us = ran.duration_us.0.saturating_sub(setup_us) as f64;
        let last = |of: &Offered| of.last_arrival_us.map(|last| last as f64);
        let load_us = match last(offered).zip(last(own)) {
            // What comes after the last arrival takes as long wherever that is.
            Some((all, simulated)) if !offered.closed || share >= 1.0 => load_us + all - simulated,
            _ => load_us * if share < 1.0 { times } else { 1.0 },
        };
        Self {
            simulated_tasks: ran.tasks.submitted as f64,
            tasks: ran.tasks.submitted as f64 * times,
            not_ended: (ran.tasks.failed + ran.tasks.unfinished) as f64 * times,
            transactions: scaled(ran.transactions.total, of_setup),
            gas: scaled(ran.gas_total(), gas_of_setup),
            duration_us: setup_us as f64 + load_us.max(0.0),
            task_us: ran.total_time().map(|stats| stats.mean),
        }
    }
}

/// Actors: sessions, miners and oracles.
fn actors(scenario: &Scenario) -> u64 {
    let sessions = scenario.owners.iter().map(|group| group.total_sessions());
    let others = scenario
        .miner_count()
        .saturating_add(scenario.oracle.count.into());
    sessions.fold(others, u64::saturating_add)
}

/// About how many transactions a load of so many tasks has.
fn of_load(scenario: &Scenario, tasks: u64) -> u64 {
    let given = scenario.owners.iter().map(|group| group.redundancy.expected());
    // Each miner acks, precommits and commits; a task is submitted and ended.
    let per_task = 2.0 + 3.0 * given.fold(0.0, f64::max);
    (tasks as f64 * per_task) as u64
}

/// Whether the first part of a load is not like the rest: its rate changes until it ends by itself.
fn changes(scenario: &Scenario) -> bool {
    let groups = scenario.submitting();
    groups
        .iter()
        .any(|group| group.submissions.load.length().is_some())
}

/// The seed of a simulation: one that nobody chooses, so that runs of neighbouring seeds are others (SplitMix64).
const fn other_seed(seed: u64, run: u64) -> u64 {
    let mut mixed = seed.wrapping_add(run.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) & Scenario::MAX_SEED
}

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn a_range_is_the_prediction_interval_of_one_more_value() {
        // t(0.975, 4) = 2.776, s = 1.581, √1.2 = 1.095.
        let range = Range::of(&[998.0, 999.0, 1000.0, 1001.0, 1002.0], 0.0);
        assert_eq!((range.low, range.expected, range.high), (995, 1000, 1005));
        let alike = Range::of(&[7.0; 3], 0.0);
        assert_eq!((alike.low, alike.high), (7, 7));
        let blocks = Range::of(&[7.0; 3], 2.0);
        assert_eq!((blocks.low, blocks.high), (5, 9));
    }

    #[test]
    fn a_range_of_skewed_values_reaches_as_far_as_that_of_their_logarithms() {
        // The logarithms are 2 to 6, s = 1.581, t and √1.2 as above: e^(4 + 4.809).
        let skewed: Vec<f64> = (2..=6).map(|power| f64::from(power).exp()).collect();
        let range = Range::of(&skewed, 0.0);
        let mean = skewed.iter().sum::<f64>() / 5.0;
        assert_eq!(range.expected, mean.round() as u64);
        assert_eq!((range.low, range.high), (0, 6694));
    }
}

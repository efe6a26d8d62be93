//! Estimates of a scenario that runs a profile, from a simulation of some of its tasks.

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::{Cost, Level, Offered};
use crate::{
    protocol::Phase,
    record::{Progress, Recorder, RunResult, StopReason},
    run::simulate_unjudged,
    scenario::{ProfileRun, Scenario},
};

/// The cost of a scenario that runs a profile, by some of its tasks that were run on the embedded chain: at most 100 of each group,
/// by all of its actors, in blocks where nothing waits for room.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Simulated {
    /// Tasks that were run.
    pub sampled_tasks: u64,
    /// Those of them that failed, or did not end.
    pub sampled_not_ended: u64,
    /// Whether these are all of the scenario's, so that the simulation is the run.
    pub whole: bool,
    /// What the steps of set-up take.
    pub setup: Cost,
    /// What the tasks take, and what goes on beside them; `None` if it is not known how many tasks there are.
    pub load: Option<Cost>,
    /// What a sampled task took in the mean: transactions, gas.
    pub per_task: [f64; 2],
    /// The duration of set-up, in µs.
    pub setup_us: u64,
    /// From the first task to the end of the last, in µs; `None` if it is not known.
    pub load_us: Option<u64>,
    /// The duration of a task from its intended submission to its end, in µs; the mean. `None` if none ended.
    pub task_us: Option<u64>,
    /// Gas that open loads need over gas that blocks hold.
    pub block_gas: Level,
}

impl Simulated {
    /// The estimate of `scenario`, which runs `run` and offers `offered`.
    ///
    /// # Errors
    /// Why it cannot be simulated.
    pub fn of(scenario: &Scenario, run: &ProfileRun, offered: &Offered) -> Result<Self, String> {
        if let Some(reason) = not_embedded(scenario, run) {
            return Err(reason);
        }
        let sample = scenario.sample_of_profile();
        let never = CancellationToken::new();
        let recorder = Recorder::new(run.definition.schema);
        let ran = simulate_unjudged(&sample, recorder, &never, |_: &Progress| {});
        let ran = ran.map_err(|error| error.to_string())?.result;
        match &ran.stop_message {
            Some(message) if ran.stop_reason == StopReason::Failed => Err(message.clone()),
            _ => Ok(Self::by(scenario, offered, &Offered::of(&sample), &ran)),
        }
    }

    fn by(scenario: &Scenario, offered: &Offered, sampled: &Offered, ran: &RunResult) -> Self {
        let of = |is_meant: fn(Phase) -> bool| {
            let mut cost = Cost::default();
            for (_, phase) in ran.phases.iter().filter(|(phase, _)| is_meant(**phase)) {
                cost.add(Cost {
                    transactions: phase.transactions.total,
                    gas: phase.gas_total,
                });
            }
            cost
        };
        let (of_tasks, beside) = (of(Phase::is_lifecycle), of(Phase::is_beside));
        let tasks = ran.tasks.submitted;
        let setup_us = ran.load.setup_end_us.unwrap_or_default().0;
        let took_us = ran.duration_us.0.saturating_sub(setup_us);
        let whole = offered.tasks == Some(tasks);
        let load_us = load_us(offered, sampled, tasks, took_us);
        let load = offered.tasks.map(|all| {
            let mut load = of_tasks.times(all, tasks);
            load.add(beside.times(load_us.unwrap_or(took_us), took_us));
            load
        });
        let per_task = [of_tasks.transactions, of_tasks.gas].map(|sum| sum as f64 / tasks.max(1) as f64);
        let block_s = scenario.chain.block_time.as_secs_f64();
        let share = |rate: f64| rate * block_s * per_task[1] / scenario.chain.gas_limit as f64;
        Self {
            sampled_tasks: tasks,
            sampled_not_ended: ran.tasks.failed + ran.tasks.unfinished,
            whole,
            setup: of(Phase::is_setup),
            load,
            per_task,
            setup_us,
            load_us,
            task_us: ran.total_time().map(|stats| stats.mean.round() as u64),
            block_gas: Level {
                mean: share(offered.rate.mean),
                peak: share(offered.rate.peak),
            },
        }
    }
}

/// Why a scenario cannot be run on the embedded chain.
fn not_embedded(scenario: &Scenario, run: &ProfileRun) -> Option<String> {
    if let Some(contract) = run.definition.contract_there() {
        return Some(format!(
            "the contract {} is on a node's chain, which the embedded chain does not have",
            contract.name
        ));
    }
    let forks = scenario.chain.fork.is_some();
    forks.then(|| "the scenario forks a node's chain, which the embedded chain does not have".to_owned())
}

/// How long the load lasts, until its last task ends, if a sample of so many tasks took so long. Open loads end as the sample did
/// after its last arrival; closed loads take in proportion to their tasks.
fn load_us(offered: &Offered, sampled: &Offered, tasks: u64, took_us: u64) -> Option<u64> {
    if offered.tasks == Some(tasks) {
        return Some(took_us);
    }
    let after_last = |last: u64| took_us.saturating_sub(last);
    let open = offered
        .last_arrival_us
        .zip(sampled.last_arrival_us)
        .map(|(last, of_sample)| last.saturating_add(after_last(of_sample)));
    if !offered.closed {
        return open;
    }
    let in_proportion = |all: u64| u128::from(took_us) * u128::from(all) / u128::from(tasks.max(1));
    let closed = in_proportion(offered.tasks?);
    let closed = u64::try_from(closed).unwrap_or(u64::MAX);
    Some(open.map_or(closed, |open| open.max(closed)))
}

//! Evaluates the run of a step: its measurements, and whether it held.

use std::time::Duration;

use super::{Steadiness, Step, backlog::Backlog, observe::StepObservations};
use crate::{
    plan::Plan,
    record::{BlockRecord, RunResult},
    scenario::Scenario,
    time::Micros,
};

/// What a step is of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt<'a> {
    /// Its place, from 1.
    pub(super) step: u32,
    pub(super) rate: f64,
    /// How long tasks arrive.
    pub(super) length: Duration,
    /// The number of times that the rate was tried, this time included.
    pub(super) repetition: u32,
    pub(super) scenario: &'a Scenario,
}

/// The share of its tasks that a step may leave open without being one that did not keep up: what takes unusually long.
const LEFT_OPEN: f64 = 0.01;

/// From the end of a step's first quarter to its end: a whole number of blocks, as everything that is in flight rises and
/// falls with them.
fn window(start: Micros, length: Duration, block_time: Duration) -> (Micros, Micros) {
    let quarter = (length / 4).as_micros();
    let block = block_time.as_micros().max(1);
    let whole = if quarter < block {
        quarter
    } else {
        quarter - quarter % block
    };
    let quarter = Duration::from_micros(u64::try_from(whole).unwrap_or(u64::MAX));
    (start + quarter, start + quarter * 4)
}

/// Judges a run.
pub(super) fn evaluate(attempt: &Attempt<'_>, result: &RunResult, seen: &StepObservations) -> Step {
    let Attempt {
        step,
        rate,
        length,
        repetition,
        scenario,
    } = *attempt;
    let block_time = scenario.chain.block_time;
    let start = result.load.start_us.unwrap_or_default();
    let (from, to) = window(start, length, block_time);
    let seconds = to.since(from) as f64 / 1e6;
    let total = result.total_time().copied();
    let backlog = Backlog::of(&seen.tasks, start, length, block_time);
    // Closed loads arrive beside the rate, and are done beside it.
    let beside = if scenario
        .submitting()
        .iter()
        .any(|group| group.submissions.load.is_closed())
    {
        (seen.arrived(start, start + length) as f64 / length.as_secs_f64() - rate).max(0.0)
    } else {
        0.0
    };
    let growth = backlog.as_ref().map(|backlog| backlog.growth(rate + beside));
    let at_least = backlog
        .as_ref()
        .and_then(|backlog| backlog.at_least(rate + beside))
        .map(|least| least - beside)
        .filter(|least| *least > 0.0);
    let left_open = result.tasks.unfinished as f64 > LEFT_OPEN * result.tasks.submitted as f64;
    let steadiness = match (&backlog, growth) {
        _ if result.tasks.dropped > 0 => Steadiness::Dropping,
        _ if left_open => Steadiness::LeftOpen,
        (Some(_), Some(growth)) if !growth.is_up() => Steadiness::Steady,
        (Some(backlog), _) if !backlog.is_filling() => Steadiness::Growing,
        _ => Steadiness::TooShort,
    };
    let busy = busy(scenario, seen, from, to);
    let response = result
        .protocol
        .under_load()
        .filter_map(|phase| Some((phase, result.phases.get(&phase)?.response_us?)));
    Step {
        step,
        rate_per_s: rate,
        length_us: length.into(),
        repetition,
        seed: scenario.seed,
        held: steadiness == Steadiness::Steady && result.thresholds.iter().all(|verdict| verdict.held),
        verdicts: result.thresholds.clone(),
        steadiness,
        growth_per_s: growth.map(|growth| rounded(growth.per_s)),
        growth_error_per_s: growth.map(|growth| rounded(growth.error_per_s)),
        at_least_per_s: at_least.map(rounded),
        achieved_per_s: rounded(seen.ended(from, to) as f64 / seconds),
        tasks_submitted: result.tasks.submitted,
        tasks_ended: result.tasks.ended,
        tasks_failed: result.tasks.failed,
        tasks_unfinished: result.tasks.unfinished,
        tasks_dropped: result.tasks.dropped,
        in_flight_mean: rounded(seen.in_flight_mean(from, to)),
        in_flight_max: seen.in_flight_max(),
        total_us: total,
        response_us: response.collect(),
        fullness_mean: fullness(&seen.blocks, from, to).map(rounded),
        base_fee_max_wei: result.blocks.base_fee_max_wei,
        block_interval_us: interval(&seen.blocks, from, to).map(rounded),
        lateness_us: result.generator.lateness_us,
        acceptance_us: seen.acceptance.stats(),
        miners_busy_mean: busy.map(|busy| rounded(busy.mean)),
        miners_busy_max: busy.map(|busy| rounded(busy.max)),
        miners_busy_surely: busy.map(|busy| rounded(busy.surely)),
        duration_us: result.duration_us,
    }
}

/// The blocks that were seen from one moment up to a later one, which is included: what happened until then.
fn within(blocks: &[BlockRecord], from: Micros, to: Micros) -> impl Iterator<Item = &BlockRecord> {
    blocks
        .iter()
        .filter(move |block| from < block.seen && block.seen <= to)
}

/// Gas used over gas limit.
fn fullness(blocks: &[BlockRecord], from: Micros, to: Micros) -> Option<f64> {
    let sum = |of: fn(&BlockRecord) -> u64| -> u128 {
        within(blocks, from, to).map(|block| u128::from(of(block))).sum()
    };
    let limit = sum(|block| block.gas_limit);
    (limit > 0).then(|| sum(|block| block.gas_used) as f64 / limit as f64)
}

/// Time from one block to the next in µs.
fn interval(blocks: &[BlockRecord], from: Micros, to: Micros) -> Option<f64> {
    let seen = || within(blocks, from, to).map(|block| block.seen);
    let (first, last) = (seen().min()?, seen().max()?);
    let gaps = seen().count() - 1;
    (gaps > 0).then(|| last.since(first) as f64 / gaps as f64)
}

/// The share of their time that miners worked.
#[derive(Clone, Copy, Debug, Default)]
struct Busy {
    /// Of all that ever worked.
    mean: f64,
    /// Of the busiest.
    max: f64,
    /// Of the busiest, less two standard errors.
    surely: f64,
}

/// By Little's law the mean number of works under way is the rate at which they are done times their mean length.
fn busy(scenario: &Scenario, seen: &StepObservations, from: Micros, to: Micros) -> Option<Busy> {
    let miners = Plan::of(scenario).miners;
    let works = seen.works(miners.len(), from, to);
    let time = to.since(from) as f64;
    let (mut under_way, mut places, mut busy) = (0.0, 0.0, Busy::default());
    for (miner, works) in miners.iter().zip(works) {
        let Some(works) = works else { continue };
        let length = miner.work_time.mean().as_micros() as f64;
        let own = works as f64 * length / time;
        let share = own / f64::from(miner.concurrency);
        under_way += own;
        places += f64::from(miner.concurrency);
        busy.max = busy.max.max(share);
        busy.surely = busy
            .surely
            .max(share * (1.0 - 2.0 / (works.max(1) as f64).sqrt()));
    }
    busy.mean = under_way / places;
    (places > 0.0).then_some(busy)
}

/// To a millionth: short enough to read back unchanged.
fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

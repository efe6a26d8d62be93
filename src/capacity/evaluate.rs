//! Evaluates the run of a step: its measurements, and whether it held.

use std::time::Duration;

use super::{CapacitySettings, Steadiness, Step, observe::StepObservations};
use crate::{
    plan::Plan,
    record::{BlockRecord, RunResult, StopReason},
    scenario::Scenario,
    time::Micros,
};

/// What a step is of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt<'a> {
    /// Its place, from 1.
    pub(super) step: u32,
    pub(super) rate: f64,
    /// The number of times that the rate was tried, this time included.
    pub(super) repetition: u32,
    pub(super) scenario: &'a Scenario,
    pub(super) settings: &'a CapacitySettings,
}

/// The quarters of a step. Each is a whole number of blocks long, as everything that is in flight rises and falls with
/// them.
#[derive(Clone, Copy, Debug)]
struct Quarters {
    start: Micros,
    length: Duration,
}

impl Quarters {
    fn new(start: Micros, step: Duration, block_time: Duration) -> Self {
        let quarter = (step / 4).as_micros();
        let block = block_time.as_micros().max(1);
        let length = if quarter < block {
            quarter
        } else {
            quarter - quarter % block
        };
        Self {
            start,
            length: Duration::from_micros(u64::try_from(length).unwrap_or(u64::MAX)),
        }
    }

    /// The end of the n-th quarter.
    fn end_of(self, n: u32) -> Micros {
        self.start + self.length * n
    }
}

/// Judges a run.
pub(super) fn evaluate(attempt: &Attempt<'_>, result: &RunResult, seen: &StepObservations) -> Step {
    let Attempt {
        step,
        rate,
        repetition,
        scenario,
        settings,
    } = *attempt;
    let start = result.load.start_us.unwrap_or_default();
    let quarters = Quarters::new(start, settings.step_duration, scenario.chain.block_time);
    let (from, to) = (quarters.end_of(1), quarters.end_of(4));
    let seconds = quarters.length.as_secs_f64();

    let early = seen.in_flight_mean(from, quarters.end_of(2));
    let late = seen.in_flight_mean(quarters.end_of(3), to);
    let growth = (late - early) / (2.0 * seconds);
    // One task more or less is no growth, however slow the rate.
    let share = settings.tolerance.min(CapacitySettings::MOST_GROWTH);
    let allowed = share * rate + 1.0 / (2.0 * seconds);
    let total = result.total_time().copied();
    // The first tasks meet no backlog: what they take is what the pipeline takes to fill.
    let first = seen.median_of_first(start + settings.step_duration / 10);
    let is_long = first.is_none_or(|first| first > quarters.length);
    let steadiness = match result.stop_reason {
        StopReason::Finished if result.tasks.dropped > 0 => Steadiness::Dropping,
        StopReason::Finished if growth <= allowed => Steadiness::Steady,
        StopReason::Finished if is_long => Steadiness::TooShort,
        StopReason::Finished => Steadiness::Growing,
        _ => Steadiness::LeftOpen,
    };
    let busy = busy(scenario, seen, from, to);
    let response = result
        .protocol
        .under_load()
        .filter_map(|phase| Some((phase, result.phases.get(&phase)?.response_us?)));
    Step {
        step,
        rate_per_s: rate,
        repetition,
        seed: scenario.seed,
        held: steadiness == Steadiness::Steady && result.thresholds.iter().all(|verdict| verdict.held),
        verdicts: result.thresholds.clone(),
        steadiness,
        growth_per_s: rounded(growth),
        growth_allowed_per_s: rounded(allowed),
        achieved_per_s: rounded(seen.ended(from, to) as f64 / (3.0 * seconds)),
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
        miners_busy_mean: busy.map(|(mean, _)| rounded(mean)),
        miners_busy_max: busy.map(|(_, max)| rounded(max)),
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

/// The share of their time that miners worked: of all that ever worked, and of the busiest. By Little's law the mean
/// number of works under way is the rate at which they are done times their mean length.
fn busy(scenario: &Scenario, seen: &StepObservations, from: Micros, to: Micros) -> Option<(f64, f64)> {
    let miners = Plan::of(scenario).miners;
    let works = seen.works(miners.len(), from, to);
    let time = to.since(from) as f64;
    let (mut under_way, mut places, mut busiest) = (0.0, 0.0, 0.0_f64);
    for (miner, works) in miners.iter().zip(works) {
        let Some(works) = works else { continue };
        let length = miner.work_time.mean().as_micros() as f64;
        let own = works as f64 * length / time;
        under_way += own;
        places += f64::from(miner.concurrency);
        busiest = busiest.max(own / f64::from(miner.concurrency));
    }
    (places > 0.0).then_some((under_way / places, busiest))
}

/// To a millionth: short enough to read back unchanged.
fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

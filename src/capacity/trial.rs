//! The scenario of a step: the same population, at another rate, for the length of a step.

use std::time::Duration;

use super::{CapacityError, CapacitySettings};
use crate::{
    metric::Threshold,
    scenario::{Load, Measure, Scenario, Spacing, units::Rate},
};

/// Tasks per second that all open loads of `scenario` offer together.
pub(super) fn offered(scenario: &Scenario) -> f64 {
    let block_time = scenario.chain.block_time;
    let rates = scenario
        .submitting()
        .into_iter()
        .filter_map(|group| offered_by(&group.submissions.load, block_time));
    rates.sum()
}

fn offered_by(load: &Load, block_time: Duration) -> Option<f64> {
    load.offered_rate(block_time).filter(|rate| *rate > 0.0)
}

/// `scenario` with its open loads scaled so that together they offer `rate` tasks per second for the length of a step,
/// with this seed, and with `holds` for thresholds. Closed loads stay as they are.
pub(super) fn at_rate(
    scenario: &Scenario,
    settings: &CapacitySettings,
    holds: &[Threshold],
    rate: f64,
    seed: u64,
) -> Result<Scenario, CapacityError> {
    let block_time = scenario.chain.block_time;
    let factor = rate / offered(scenario);
    let mut scaled = scenario.clone();
    for submissions in scaled.submissions_mut() {
        if offered_by(&submissions.load, block_time).is_none() {
            continue;
        }
        let load = steady(&submissions.load, block_time).and_then(|load| load.scaled(factor));
        submissions.load = load.ok_or(CapacityError::Rate(rate))?;
        submissions.start = Duration::ZERO;
        submissions.duration = Some(settings.step_duration);
        submissions.tasks = None;
    }
    let open = scaled.submitting().into_iter();
    let open = open.filter(|group| offered_by(&group.submissions.load, block_time).is_some());
    let tasks = open.map(|group| group.expected_tasks(block_time).unwrap_or_default());
    if tasks.fold(0, u64::saturating_add) > Scenario::MAX_TASKS {
        return Err(CapacityError::Rate(rate));
    }
    scaled.seed = seed;
    scaled.thresholds = holds.to_vec();
    // A step has its own beginning and end: all of it is judged.
    scaled.measure = Measure::default();
    // What is still open two steps later was not kept up with.
    scaled.limits.drain = scaled.limits.drain.min(settings.step_duration * 2);
    Ok(scaled)
}

/// The load at a rate that does not change in the long run and does not end: stages become their mean rate, spaced as they
/// are, and a trace becomes its mean rate, evenly spaced.
fn steady(load: &Load, block_time: Duration) -> Option<Load> {
    let spacing = match load {
        Load::Stages(stages) => stages.arrivals,
        Load::Trace(_) => Spacing::Even,
        Load::BackToBack { .. }
        | Load::Constant { .. }
        | Load::Poisson { .. }
        | Load::Bursts(_)
        | Load::Mmpp(_) => {
            return Some(load.clone());
        }
    };
    let rate = Rate::parse(&format!("{:.6}/s", load.offered_rate(block_time)?)).ok()?;
    Some(match spacing {
        Spacing::Even => Load::Constant { rate },
        Spacing::Poisson => Load::Poisson { rate },
    })
}

//! The scenario of a step: the same population, at another rate, for the length of a step.

use super::{CapacityError, CapacitySettings};
use crate::{
    metric::Threshold,
    scenario::{Load, OwnerGroup, Scenario, TaskCount, units::Rate},
};

/// Tasks per second that all open loads of `scenario` offer together.
pub(super) fn offered(scenario: &Scenario) -> f64 {
    scenario.owners.iter().filter_map(offered_by).sum()
}

fn offered_by(group: &OwnerGroup) -> Option<f64> {
    match group.load {
        Load::Constant { rate } => Some(rate.per_second()),
        Load::BackToBack { .. } => None,
    }
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
    let factor = rate / offered(scenario);
    let mut scaled = scenario.clone();
    for group in &mut scaled.owners {
        let Some(own) = offered_by(group) else { continue };
        let own = own * factor;
        let parsed = Rate::parse(&format!("{own:.6}/s")).map_err(|_| CapacityError::Rate(rate))?;
        group.load = Load::Constant { rate: parsed };
        let tasks = (own * settings.step_duration.as_secs_f64()).round() as u64;
        group.tasks = TaskCount::Total(tasks.max(1));
    }
    if scaled.tasks() > Scenario::MAX_TASKS {
        return Err(CapacityError::Rate(rate));
    }
    scaled.seed = seed;
    scaled.thresholds = holds.to_vec();
    // What is still open two steps later was not kept up with.
    scaled.limits.drain = scaled.limits.drain.min(settings.step_duration * 2);
    Ok(scaled)
}

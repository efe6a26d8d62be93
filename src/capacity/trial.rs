//! The scenario of a step: the same population, at another rate, for the length of a step.

use std::time::Duration;

use super::CapacityError;
use crate::{
    metric::Threshold,
    plan::group_arrivals,
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

/// The runs of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial {
    /// Tasks per second.
    pub(super) rate: f64,
    /// How long they arrive.
    pub(super) length: Duration,
    pub(super) seed: u64,
}

/// Halvings of the distance to the factor by which as many tasks arrive as are to.
const HALVINGS: u32 = 30;
/// By how much random arrivals may be spread or pressed together for that.
const MOST_PRESSED: f64 = 16.0;

impl Trial {
    /// `scenario` with its open loads scaled so that together they offer the rate for the length of the step, with the
    /// step's seed, and with `holds` for thresholds. Closed loads stay as they are. Where arrivals are random, chance decides
    /// when tasks arrive, but not how many: the loads are scaled until as many arrive as are expected at the rate.
    pub(super) fn of(self, scenario: &Scenario, holds: &[Threshold]) -> Result<Scenario, CapacityError> {
        let block_time = scenario.chain.block_time;
        let factor = self.rate / offered(scenario);
        let mut trial = scenario.clone();
        trial.seed = self.seed;
        trial.thresholds = holds.to_vec();
        // A step has its own beginning and end: all of it is judged.
        trial.measure = Measure::default();
        // What is still open two steps later was not kept up with.
        trial.limits.drain = trial.limits.drain.min(self.length * 2);
        let scaled = self.scaled(scenario, &trial, factor)?;
        let open = scaled.submitting().into_iter();
        let open = open.filter(|group| offered_by(&group.submissions.load, block_time).is_some());
        let expected = open.map(|group| group.expected_tasks(block_time).unwrap_or_default());
        let expected = expected.fold(0, u64::saturating_add);
        if expected > Scenario::MAX_TASKS {
            return Err(CapacityError::Rate(self.rate));
        }
        if scaled
            .submitting()
            .iter()
            .any(|group| is_random(&group.submissions.load))
        {
            self.counted(scenario, scaled, factor, expected)
        } else {
            Ok(scaled)
        }
    }

    /// `scaled`, or the same by another factor, so that as close to `expected` tasks arrive as can be.
    fn counted(
        self,
        scenario: &Scenario,
        scaled: Scenario,
        factor: f64,
        expected: u64,
    ) -> Result<Scenario, CapacityError> {
        let distance = |trial: &Scenario| arrivals(trial).abs_diff(expected);
        // More arrive the larger the factor.
        let (mut low, mut high) = (factor / MOST_PRESSED, factor * MOST_PRESSED);
        let mut best = (distance(&scaled), scaled);
        for _ in 0..HALVINGS {
            if best.0 == 0 {
                break;
            }
            let middle = (low * high).sqrt();
            let trial = self.scaled(scenario, &best.1, middle)?;
            if arrivals(&trial) < expected {
                low = middle;
            } else {
                high = middle;
            }
            let distance = distance(&trial);
            if distance < best.0 {
                best = (distance, trial);
            }
        }
        Ok(best.1)
    }

    /// `trial` with the open loads of `scenario` multiplied by `factor`.
    fn scaled(self, scenario: &Scenario, trial: &Scenario, factor: f64) -> Result<Scenario, CapacityError> {
        let block_time = scenario.chain.block_time;
        let loads: Vec<Load> = scenario
            .submitting()
            .into_iter()
            .map(|group| group.submissions.load.clone())
            .collect();
        let mut scaled = trial.clone();
        for (submissions, own) in scaled.submissions_mut().into_iter().zip(loads) {
            if offered_by(&own, block_time).is_none() {
                continue;
            }
            let load = steady(&own, block_time).and_then(|load| load.scaled(factor));
            submissions.load = load.ok_or(CapacityError::Rate(self.rate))?;
            submissions.start = Duration::ZERO;
            submissions.duration = Some(self.length);
            submissions.tasks = None;
        }
        Ok(scaled)
    }
}

/// Tasks that arrive in the open loads.
fn arrivals(scenario: &Scenario) -> u64 {
    let groups = scenario.submitting().into_iter();
    let arrivals = groups.filter_map(|group| group_arrivals(scenario, group));
    arrivals.map(|arrivals| arrivals.len() as u64).sum()
}

/// Whether chance decides how many tasks arrive in a time.
const fn is_random(load: &Load) -> bool {
    match load {
        Load::Poisson { .. } | Load::Mmpp(_) => true,
        Load::Bursts(bursts) => matches!(bursts.arrivals, Spacing::Poisson),
        Load::Stages(stages) => matches!(stages.arrivals, Spacing::Poisson),
        Load::BackToBack { .. } | Load::Constant { .. } | Load::Trace(_) => false,
    }
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

//! The chart of a search for a capacity: latency versus load.

use super::charts::{LatencyVersusLoad, LoadStep, Picture};
use crate::{
    capacity::{CapacityResult, Step},
    record::TimeSource,
};

/// Draws what every step measured: the time of tasks, from intended submission to end, against the rate offered.
#[must_use]
pub fn capacity_picture(result: &CapacityResult) -> Picture {
    let time = match result.clock {
        TimeSource::Wall => "wall-clock time",
        TimeSource::Virtual => "simulated, virtual time",
    };
    let (scenario, chain) = (&result.scenario, &result.chain);
    LatencyVersusLoad {
        run: format!(
            "{} · seed {} · {} · {time}",
            scenario.name, scenario.seed, chain.kind
        ),
        metric: "task total".to_owned(),
        holds: result.holds.clone(),
        limit_per_s: result.capacity_per_s,
        steps: result.steps.iter().map(point).collect(),
    }
    .picture()
}

fn point(step: &Step) -> LoadStep {
    let total = step.total_us;
    LoadStep {
        offered_per_s: step.rate_per_s,
        p50_us: total.map(|total| total.p50 as f64),
        p90_us: total.map(|total| total.p90 as f64),
        p99_us: total.map(|total| total.p99 as f64),
        held: step.held,
    }
}

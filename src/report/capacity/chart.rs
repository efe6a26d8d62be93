//! The chart of a search for a capacity: latency versus load.

use crate::{
    capacity::{CapacityResult, Step},
    report::charts::{LatencyVersusLoad, LoadStep, Picture},
};

/// Draws what every step measured: the time of tasks, from intended submission to end, against the rate offered.
#[must_use]
pub fn capacity_picture(result: &CapacityResult) -> Picture {
    let (scenario, chain) = (&result.scenario, &result.chain);
    LatencyVersusLoad {
        run: format!(
            "{} · seed {} · {} · {}",
            scenario.name,
            scenario.seed,
            chain.kind,
            result.clock.description()
        ),
        metric: "task total".to_owned(),
        holds: result.holds.clone(),
        limit_per_s: result.holds_at_per_s,
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

//! The measured series of a result, under the names that `phases.csv` and `latency.hlog` give them.

use std::collections::BTreeMap;

use crate::{
    protocol::TaskSpan,
    record::{MeasurementWindow, RunResult, SpanResult, Stats},
};

/// A quantity of a phase, of a span of tasks or of the generator.
pub(super) struct Series {
    /// `submit`, `task.total`, `generator`; `warm_up.submit` of what lies apart.
    pub(super) phase: String,
    /// `response_us`, `service_us`, `gas_used`, `duration_us` or `lateness_us`.
    pub(super) metric: &'static str,
    /// `None` if nothing was measured.
    pub(super) stats: Option<Stats>,
}

/// Every series, measured or not, in the order of the lifecycle; those of the warm-up and the cool-down last.
pub(super) fn series(result: &RunResult) -> Vec<Series> {
    let mut all = Vec::new();
    let mut add = |phase: &str, metric, stats| {
        let phase = phase.to_owned();
        all.push(Series { phase, metric, stats });
    };
    for (phase, of) in &result.phases {
        add(phase.name(), "response_us", of.response_us);
        add(phase.name(), "service_us", of.service_us);
        add(phase.name(), GAS_USED, of.gas_used);
    }
    add_spans(&mut add, "", &result.task_phases);
    add("generator", "lateness_us", result.generator.lateness_us);
    let windows = result.parts.iter().flat_map(|windows| &windows.parts);
    let apart = [MeasurementWindow::WarmUp, MeasurementWindow::CoolDown];
    for (window, of) in windows.filter(|(window, _)| apart.contains(window)) {
        let prefix = format!("{}.", window.name());
        for (phase, times) in &of.phases {
            let name = format!("{prefix}{}", phase.name());
            add(&name, "response_us", times.response_us);
            add(&name, "service_us", times.service_us);
        }
        add_spans(&mut add, &prefix, &of.task_phases);
        add(&format!("{prefix}generator"), "lateness_us", of.lateness_us);
    }
    all
}

/// The one metric that is no time.
pub(super) const GAS_USED: &str = "gas_used";

fn add_spans(
    add: &mut impl FnMut(&str, &'static str, Option<Stats>),
    prefix: &str,
    spans: &BTreeMap<TaskSpan, SpanResult>,
) {
    for (span, of) in spans {
        add(
            &format!("{prefix}task.{}", span.name()),
            "duration_us",
            of.duration_us,
        );
    }
}

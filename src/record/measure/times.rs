//! The times of one measurement window.

use std::{array, collections::BTreeMap};

use super::{TaskSample, TxSample};
use crate::{
    protocol::Phase,
    record::{Distribution, Histograms, SpanResult, TaskSpan, WindowResult, WindowTimes, flow::Arrivals},
    time::Micros,
};

/// The duration of the transactions and tasks of one part.
#[derive(Clone, Debug)]
pub(in crate::record) struct Times {
    pub(in crate::record) response: [Distribution; Phase::ALL.len()],
    pub(in crate::record) service: [Distribution; Phase::ALL.len()],
    pub(in crate::record) spans: [Distribution; TaskSpan::ALL.len()],
    pub(in crate::record) lateness: Distribution,
    pub(in crate::record) transactions: u64,
    /// Those of the lifecycle that are in a block, and when the last of them was seen there.
    pub(in crate::record) in_blocks: u64,
    pub(in crate::record) last_inclusion: Option<Micros>,
    /// All that were meant for it, dropped ones included.
    pub(in crate::record) arrivals: Arrivals,
    pub(in crate::record) submitted: u64,
    pub(in crate::record) ended: u64,
    pub(in crate::record) dropped: u64,
    pub(in crate::record) last_end: Option<Micros>,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            response: array::from_fn(|_| Distribution::default()),
            service: array::from_fn(|_| Distribution::default()),
            spans: array::from_fn(|_| Distribution::default()),
            lateness: Distribution::default(),
            transactions: 0,
            in_blocks: 0,
            arrivals: Arrivals::default(),
            submitted: 0,
            ended: 0,
            dropped: 0,
            last_end: None,
            last_inclusion: None,
        }
    }
}

impl Times {
    pub(in crate::record) fn transaction(&mut self, sample: TxSample) {
        let phase = sample.phase as usize;
        self.transactions += 1;
        let record = |to: &mut Distribution, value: Option<u64>| {
            if let Some(value) = value {
                to.record(value);
            }
        };
        record(&mut self.response[phase], sample.response_us());
        record(&mut self.service[phase], sample.service_us());
        // Nobody waits for setup: how late it was is no matter.
        if sample.phase != Phase::Setup {
            record(&mut self.lateness, sample.lateness_us());
        }
        if sample.phase.is_lifecycle() && sample.included().is_some() {
            self.in_blocks += 1;
            self.last_inclusion = self.last_inclusion.max(sample.included());
        }
    }

    pub(in crate::record) fn task(&mut self, sample: TaskSample) {
        self.arrivals.record(sample.intended);
        self.submitted += u64::from(!sample.dropped);
        self.dropped += u64::from(sample.dropped);
        self.ended += u64::from(sample.succeeded);
        for span in TaskSpan::ALL {
            if let Some(duration) = sample.span_us(span) {
                self.spans[span as usize].record(duration);
            }
        }
        self.last_end = self.last_end.max(sample.ended());
    }

    /// What it comes to.
    pub(in crate::record) fn result(&self) -> WindowResult {
        let times = |phase: Phase| WindowTimes {
            response_us: self.response[phase as usize].stats(),
            service_us: self.service[phase as usize].stats(),
        };
        let span = |span: TaskSpan| SpanResult {
            duration_us: self.spans[span as usize].stats(),
        };
        let phases = Phase::ALL.into_iter().map(|phase| (phase, times(phase)));
        WindowResult {
            transactions: self.transactions,
            tasks_submitted: self.submitted,
            tasks_ended: self.ended,
            tasks_dropped: self.dropped,
            phases: phases
                .filter(|(_, times)| times.response_us.is_some())
                .collect::<BTreeMap<_, _>>(),
            task_phases: TaskSpan::ALL
                .into_iter()
                .map(|which| (which, span(which)))
                .collect(),
            lateness_us: self.lateness.stats(),
        }
    }

    /// Adds its histograms, each under `prefix` and the name of what it is of.
    pub(in crate::record) fn push(self, prefix: &str, histograms: &mut Histograms) {
        for (phase, (response, service)) in Phase::ALL
            .into_iter()
            .zip(self.response.into_iter().zip(self.service))
        {
            let name = format!("{prefix}{}", phase.name());
            histograms.push(&name, "response_us", response);
            histograms.push(&name, "service_us", service);
        }
        for (span, durations) in TaskSpan::ALL.into_iter().zip(self.spans) {
            histograms.push(&format!("{prefix}task.{}", span.name()), "duration_us", durations);
        }
        histograms.push(&format!("{prefix}generator"), "lateness_us", self.lateness);
    }
}

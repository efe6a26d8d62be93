//! The times of one measurement window.

use std::collections::BTreeMap;

use super::{TaskSample, TxSample};
use crate::{
    protocol::{Phase, ProtocolSchema, TaskSpan},
    record::{Distribution, Histograms, SpanResult, WindowResult, WindowTimes, flow::Arrivals},
    time::Micros,
};

/// The duration of the transactions and tasks of one part.
#[derive(Clone, Debug)]
pub(in crate::record) struct Times {
    protocol: &'static ProtocolSchema,
    pub(in crate::record) response: Vec<Distribution>,
    pub(in crate::record) service: Vec<Distribution>,
    pub(in crate::record) spans: Vec<Distribution>,
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

impl Times {
    /// Nothing yet, of a protocol.
    pub(in crate::record) fn of(protocol: &'static ProtocolSchema) -> Self {
        let distributions = |count| vec![Distribution::default(); count];
        Self {
            protocol,
            response: distributions(protocol.phases.len()),
            service: distributions(protocol.phases.len()),
            spans: distributions(protocol.spans.len()),
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

    /// How long tasks took in all.
    pub(in crate::record) fn total(&self) -> &Distribution {
        &self.spans[self.protocol.total().index()]
    }

    pub(in crate::record) fn transaction(&mut self, sample: TxSample) {
        let phase = sample.phase.index();
        self.transactions += 1;
        let record = |to: &mut Distribution, value: Option<u64>| {
            if let Some(value) = value {
                to.record(value);
            }
        };
        record(&mut self.response[phase], sample.response_us());
        record(&mut self.service[phase], sample.service_us());
        // Nobody waits for setup: how late it was is no matter.
        if !sample.phase.is_setup() {
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
        for (durations, duration) in self.spans.iter_mut().zip(sample.spans()) {
            if let Some(duration) = duration {
                durations.record(duration);
            }
        }
        self.last_end = self.last_end.max(sample.ended());
    }

    /// What it comes to.
    pub(in crate::record) fn result(&self) -> WindowResult {
        let times = |phase: Phase| WindowTimes {
            response_us: self.response[phase.index()].stats(),
            service_us: self.service[phase.index()].stats(),
        };
        let span = |span: TaskSpan| SpanResult {
            duration_us: self.spans[span.index()].stats(),
        };
        let phases = self.protocol.phases.iter().map(|phase| (*phase, times(*phase)));
        WindowResult {
            transactions: self.transactions,
            tasks_submitted: self.submitted,
            tasks_ended: self.ended,
            tasks_dropped: self.dropped,
            phases: phases
                .filter(|(_, times)| times.response_us.is_some())
                .collect::<BTreeMap<_, _>>(),
            task_phases: self
                .protocol
                .spans
                .iter()
                .map(|which| (*which, span(*which)))
                .collect(),
            lateness_us: self.lateness.stats(),
        }
    }

    /// Adds its histograms, each under `prefix` and the name of what it is of.
    pub(in crate::record) fn push(self, prefix: &str, histograms: &mut Histograms) {
        for (phase, (response, service)) in self
            .protocol
            .phases
            .iter()
            .zip(self.response.into_iter().zip(self.service))
        {
            let name = format!("{prefix}{}", phase.name());
            histograms.push(&name, "response_us", response);
            histograms.push(&name, "service_us", service);
        }
        for (span, durations) in self.protocol.spans.iter().zip(self.spans) {
            histograms.push(&format!("{prefix}task.{}", span.name()), "duration_us", durations);
        }
        histograms.push(&format!("{prefix}generator"), "lateness_us", self.lateness);
    }
}

//! The latencies that are compared.

use std::fmt;

use crate::{
    metric::{Metric, Quantity, Statistic},
    protocol::{Phase, TaskSpan, being_read},
};

/// A latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LatencyKind {
    /// A stretch of tasks' lives.
    Span(TaskSpan),
    /// From the event that began a task's phase to the moment at which an actor meant to send its transaction: the actor's own
    /// time, which no block rounds.
    Delay(Phase),
    /// From that moment to the transaction's block.
    Response(Phase),
    /// The same from the moment at which it was sent.
    Service(Phase),
}

impl LatencyKind {
    /// Every latency of the protocol that is read, in the order in which they are reported: what blocks cannot hide first.
    pub(super) fn all() -> Vec<Self> {
        let protocol = being_read();
        let phases = protocol.phases.iter();
        let phases =
            phases.flat_map(|phase| [Self::Delay, Self::Response, Self::Service].map(|of| of(*phase)));
        protocol
            .spans
            .iter()
            .copied()
            .map(Self::Span)
            .chain(phases)
            .collect()
    }

    /// The latency of this name: `phase.commit.delay`.
    fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|kind| kind.to_string() == name)
    }

    /// A percentile or the mean of a latency by its name: `phase.commit.delay.p99`.
    pub(super) fn parse(name: &str) -> Option<(Self, Statistic)> {
        let statistics = [Statistic::Mean]
            .into_iter()
            .chain(Statistic::ALL.into_iter().filter(|of| of.quantile().is_some()));
        let mut found = statistics.filter_map(|statistic| {
            let kind = name.strip_suffix(statistic.name())?.strip_suffix('.')?;
            Some((Self::named(kind)?, statistic))
        });
        found.next()
    }

    /// The quantity of a run's result that it is; `None` of one that only comparisons know.
    pub(super) const fn quantity(self) -> Option<Quantity> {
        match self {
            Self::Span(span) => Some(Quantity::Span(span)),
            Self::Delay(_) => None,
            Self::Response(phase) => Some(Quantity::Response(phase)),
            Self::Service(phase) => Some(Quantity::Service(phase)),
        }
    }

    /// The metric of a run's result that a statistic of it is.
    pub(super) fn metric(self, statistic: Statistic) -> Option<Metric> {
        Some(Metric::Statistic(self.quantity()?, statistic))
    }

    /// Whether it is one of rows of tasks alone.
    pub(super) const fn is_of_tasks(self) -> bool {
        matches!(self, Self::Span(_))
    }

    /// The statistics that are compared in any case. Stretches of tasks' lives are whole numbers of blocks, and delays often
    /// constant: percentiles of both jump, and their mean is compared as well.
    pub(super) const fn statistics(self) -> &'static [Statistic] {
        match self {
            Self::Span(_) => &[Statistic::Mean, Statistic::P50, Statistic::P90, Statistic::P99],
            Self::Delay(_) => &[Statistic::Mean, Statistic::P50, Statistic::P99],
            Self::Response(_) | Self::Service(_) => &[Statistic::P50, Statistic::P90, Statistic::P99],
        }
    }
}

impl fmt::Display for LatencyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Span(span) => Quantity::Span(*span).fmt(f),
            Self::Delay(phase) => write!(f, "phase.{}.delay", phase.name()),
            Self::Response(phase) => Quantity::Response(*phase).fmt(f),
            Self::Service(phase) => Quantity::Service(*phase).fmt(f),
        }
    }
}

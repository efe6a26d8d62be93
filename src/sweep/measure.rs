//! Measurements in the table and the charts of a sweep.

use super::Distribution;
use crate::{
    metric::{Metric, Quantity, Scalar, Statistic, Tally, TaskStatus, Unit},
    protocol::being_read,
    record::RunResult,
};

/// A number of a cell's result that is put together over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// A metric.
    Metric(Metric),
    /// Gas of the lifecycle's transactions, from submit to end, over the tasks that ended.
    GasPerTask,
}

impl Measured {
    /// Tasks that ended.
    pub const ENDED: Self = Self::Metric(Metric::Count(Tally::Tasks(TaskStatus::Ended)));

    /// A percentile of tasks' total time.
    #[must_use]
    pub fn total_time(statistic: Statistic) -> Self {
        Self::Metric(Metric::Statistic(Quantity::Span(being_read().total()), statistic))
    }

    /// All that are put together, in the order in which they are shown.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let response = being_read()
            .lifecycle()
            .map(|phase| Self::Metric(Metric::Statistic(Quantity::Response(phase), Statistic::P99)));
        let rate = Self::Metric(Metric::Scalar(Scalar::TaskRate));
        let total = [Statistic::P50, Statistic::P99].map(Self::total_time);
        let first = [Self::ENDED].into_iter().chain(total);
        first.chain(response).chain([rate, Self::GasPerTask]).collect()
    }

    /// How it is distributed over seeds.
    #[must_use]
    pub const fn distribution(self) -> Distribution {
        match self {
            Self::Metric(Metric::Statistic(_, Statistic::Mean | Statistic::Count | Statistic::Stddev))
            | Self::Metric(Metric::Count(_) | Metric::Ratio(_) | Metric::Scalar(_) | Metric::GasTotal(_))
            | Self::GasPerTask => Distribution::Normal,
            Self::Metric(Metric::Statistic(..)) => Distribution::Unknown,
        }
    }

    /// Its name: the metric's, or `gas.per_task`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Metric(metric) => metric.name(),
            Self::GasPerTask => "gas.per_task".to_owned(),
        }
    }

    /// What it says, in a few words.
    #[must_use]
    pub fn meaning(self) -> String {
        match self {
            Self::Metric(Metric::Count(Tally::Tasks(TaskStatus::Ended))) => "tasks that ended".to_owned(),
            Self::Metric(Metric::Statistic(Quantity::Span(span), statistic)) if span.phase().is_none() => {
                format!("time of a task, {}", statistic.name())
            }
            Self::Metric(Metric::Statistic(Quantity::Response(phase), statistic)) => {
                format!("response time of {}, {}", phase.name(), statistic.name())
            }
            Self::Metric(Metric::Scalar(Scalar::TaskRate)) => "tasks that ended per second".to_owned(),
            Self::Metric(metric) => metric.meaning(),
            Self::GasPerTask => "gas per task that ended".to_owned(),
        }
    }

    /// The unit.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Metric(metric) => metric.unit(),
            Self::GasPerTask => Unit::Gas,
        }
    }

    /// What it is in `result`, in its unit; `None` if it was never measured.
    #[must_use]
    pub fn of(self, result: &RunResult) -> Option<f64> {
        match self {
            Self::Metric(metric) => metric.of(result),
            Self::GasPerTask => result.gas_per_task(),
        }
    }
}

//! The metrics of a run by name, and thresholds on them: `phase.commit.response.p99 < 2s`.
//!
//! A metric is a number that a [`RunResult`] may have. Each has one name, one unit and one meaning, so that thresholds,
//! capacity searches, comparisons and sweeps speak of the same things in the same words.

mod early_stop;
mod name;
mod quantity;
mod threshold;
mod unit;
mod value;

pub use early_stop::EarlyStop;
pub use quantity::{Outcome, Quantity, Scalar, Scope, Statistic, Tally, TaskStatus};
pub use threshold::{Operator, Threshold, ThresholdError};
pub use unit::Unit;

use crate::record::RunResult;

/// A number that a result may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// A statistic of a measured quantity: `phase.ack.response.p99`.
    Statistic(Quantity, Statistic),
    /// A count: `tasks.failed.count`.
    Count(Tally),
    /// Their share of all, 0 to 1: `tasks.failed.ratio`.
    Ratio(Tally),
    /// The gas of all transactions of a scope: `phase.ack.gas.total`.
    GasTotal(Scope),
    /// A number of its own: `rate.tasks`.
    Scalar(Scalar),
}

impl Metric {
    /// Every metric, in the order in which lists of them are shown.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let gas = Scope::all().into_iter().map(Self::GasTotal);
        let scalars = gas.chain(Scalar::ALL.map(Self::Scalar));
        let tallies = Tally::all().into_iter().flat_map(|tally| {
            let ratio = tally.has_ratio().then_some(Self::Ratio(tally));
            [Self::Count(tally)].into_iter().chain(ratio)
        });
        let statistics = Quantity::all().into_iter().flat_map(|quantity| {
            Statistic::ALL
                .into_iter()
                .map(move |statistic| Self::Statistic(quantity, statistic))
        });
        tallies.chain(statistics).chain(scalars).collect()
    }

    /// The metric with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|metric| metric.name() == name)
    }

    /// What it is in `result`, in its [`Metric::unit`]; `None` if that was never measured. The statistics of nothing
    /// were never measured, but for their count, and neither was a share of nothing.
    #[must_use]
    pub fn of(self, result: &RunResult) -> Option<f64> {
        value::of(self, result)
    }

    /// What its values are counted in.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Statistic(_, Statistic::Count) | Self::Count(_) => Unit::Count,
            Self::Statistic(quantity, _) => quantity.unit(),
            Self::Ratio(_) => Unit::Ratio,
            Self::GasTotal(_) => Unit::Gas,
            Self::Scalar(scalar) => scalar.unit(),
        }
    }
}

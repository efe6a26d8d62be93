//! The direction in which a hold fails: with too much load, or with too little.

use super::Step;
use crate::{
    metric::{Metric, Operator, Outcome, Quantity, Scalar, Statistic, Tally, TaskStatus, Threshold},
    record::ThresholdVerdict,
};

/// How a metric changes as the load grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trend {
    /// It grows: rates, counts, times, the fullness of blocks.
    Grows,
    /// It shrinks: the share of tasks that end, of transactions that succeed.
    Shrinks,
    /// It has little to do with the load: gas per call, the number of blocks.
    Neither,
}

impl Trend {
    const fn of(metric: Metric) -> Self {
        match metric {
            Metric::Statistic(Quantity::BlockGas, Statistic::Count) => Self::Neither,
            Metric::Statistic(_, Statistic::Count) | Metric::Count(_) => Self::Grows,
            Metric::Statistic(Quantity::Gas(_) | Quantity::FunctionGas(_), _) => Self::Neither,
            Metric::Statistic(
                Quantity::Response(_)
                | Quantity::Service(_)
                | Quantity::Span(_)
                | Quantity::Lateness
                | Quantity::BlockGas,
                _,
            ) => Self::Grows,
            Metric::Ratio(Tally::Tasks(TaskStatus::Ended) | Tally::Transactions(_, Outcome::Included)) => {
                Self::Shrinks
            }
            Metric::Ratio(_) => Self::Grows,
            Metric::Scalar(Scalar::Blocks | Scalar::Reorgs | Scalar::Setup) => Self::Neither,
            Metric::GasTotal(_)
            | Metric::Scalar(
                Scalar::TaskRateOffered
                | Scalar::TaskRateSteady
                | Scalar::TaskRate
                | Scalar::TransactionRate
                | Scalar::FullnessMean
                | Scalar::FullnessMax
                | Scalar::BaseFeeMin
                | Scalar::BaseFeeMax
                | Scalar::Violations
                | Scalar::DishonestAccepted
                | Scalar::DishonestRefused
                | Scalar::Repeated
                | Scalar::Duration,
            ) => Self::Grows,
        }
    }
}

/// Whether a hold is one that more load keeps: `rate.tasks > 10`.
pub(super) fn needs_load(hold: &Threshold) -> bool {
    matches!(
        (Trend::of(hold.metric), hold.operator),
        (Trend::Grows, Operator::Greater | Operator::AtLeast)
            | (Trend::Shrinks, Operator::Less | Operator::AtMost)
    )
}

/// Whether a hold fails because the load is too small: `rate.tasks > 10` at 5 tasks/s.
pub(super) fn lacks_load(verdict: &ThresholdVerdict) -> bool {
    let (Ok(hold), Some(measured)) = (Threshold::parse(&verdict.expression), verdict.measured) else {
        return false;
    };
    if verdict.held {
        return false;
    }
    match (Trend::of(hold.metric), hold.operator) {
        _ if needs_load(&hold) => true,
        (Trend::Grows, Operator::Equal) => measured < hold.bound,
        (Trend::Shrinks, Operator::Equal) => measured > hold.bound,
        _ => false,
    }
}

impl Step {
    /// The holds that fail.
    #[must_use]
    pub fn failed_holds(&self) -> Vec<&str> {
        let failed = self.verdicts.iter().filter(|verdict| !verdict.held);
        failed.map(|verdict| verdict.expression.as_str()).collect()
    }

    /// The holds that fail because the load is too small, if that is all that keeps the step from holding; otherwise none.
    #[must_use]
    pub fn lacking_load(&self) -> Vec<&str> {
        let mut failed = self.verdicts.iter().filter(|verdict| !verdict.held);
        if !self.steadiness.keeps_up() || !failed.all(lacks_load) {
            return Vec::new();
        }
        self.failed_holds()
    }

    /// Whether the system kept up: everything held, or what did not needs more load.
    #[must_use]
    pub fn kept_up(&self) -> bool {
        self.held || !self.lacking_load().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{Metric, ThresholdVerdict, Trend, lacks_load};

    #[test]
    fn holds_that_need_more_load_are_told_from_those_that_need_less() {
        for (hold, measured, expected) in [
            ("rate.tasks > 10", Some(5.0), true),
            ("rate.transactions >= 100/s", Some(5.0), true),
            ("rate.tasks < 10", Some(11.0), false),
            ("rate.tasks.steady > 10", Some(5.0), true),
            ("rate.tasks.offered >= 10", Some(5.0), true),
            ("tasks.ended.count >= 500", Some(20.0), true),
            ("tasks.ended.count == 500", Some(20.0), true),
            ("tasks.ended.count == 500", Some(600.0), false),
            ("tasks.failed.count == 0", Some(1.0), false),
            ("tasks.ended.ratio >= 99.9%", Some(0.9), false),
            ("tasks.ended.ratio < 90%", Some(1.0), true),
            ("tasks.failed.ratio > 1%", Some(0.0), true),
            ("transactions.included.ratio == 1", Some(0.9), false),
            ("blocks.fullness.mean > 50%", Some(0.1), true),
            ("blocks.base_fee.max > 2 gwei", Some(1e9), true),
            ("gas.total > 1000000", Some(1e3), true),
            ("task.total.p99 < 10s", Some(2e7), false),
            ("task.total.p99 > 10s", Some(1e6), true),
            ("phase.ack.gas.mean > 50000", Some(4e4), false),
            ("rate.tasks > 10", None, false),
        ] {
            let verdict = ThresholdVerdict {
                expression: hold.to_owned(),
                measured,
                held: false,
            };
            assert_eq!(lacks_load(&verdict), expected, "{hold}, {measured:?}");
        }
    }

    #[test]
    fn every_share_of_successes_shrinks_with_the_load() {
        for metric in Metric::all() {
            let name = metric.name();
            let is_share_of_successes = name == "tasks.ended.ratio" || name.ends_with("included.ratio");
            assert_eq!(
                Trend::of(metric) == Trend::Shrinks,
                is_share_of_successes,
                "{name}"
            );
        }
    }
}

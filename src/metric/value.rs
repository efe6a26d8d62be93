//! Reads the value of a metric from a result.

use super::{Metric, Outcome, Quantity, Scalar, Scope, Statistic, Tally, TaskStatus};
use crate::record::{MisbehaviourResult, NodeResult, RunResult, Stats, TimeSource, TransactionCounts};

/// The metric's value in its unit; `None` if it was never measured.
pub(super) fn of(metric: Metric, result: &RunResult) -> Option<f64> {
    match metric {
        Metric::Statistic(quantity, Statistic::Count) => {
            Some(quantity.of(result).map_or(0.0, |stats| stats.count as f64))
        }
        Metric::Statistic(quantity, statistic) => Some(statistic.of(&quantity.of(result)?)),
        Metric::Count(tally) => Some(tally.count(result) as f64),
        Metric::Ratio(tally) => {
            let all = tally.all_of_it(result);
            (all > 0).then(|| tally.count(result) as f64 / all as f64)
        }
        Metric::GasTotal(scope) => Some(scope.gas_total(result) as f64),
        Metric::Scalar(scalar) => scalar.of(result),
    }
}

impl Quantity {
    fn of(self, result: &RunResult) -> Option<Stats> {
        match self {
            Self::Response(phase) => result.phases.get(&phase)?.response_us,
            Self::Service(phase) => result.phases.get(&phase)?.service_us,
            Self::Gas(phase) => result.phases.get(&phase)?.gas_used,
            Self::FunctionGas(function) => result.functions.get(&function)?.gas_used,
            Self::Span(span) => result.task_phases.get(&span)?.duration_us,
            Self::Lateness => result.generator.lateness_us,
            Self::BlockGas => result.blocks.gas_used,
        }
    }
}

impl Statistic {
    fn of(self, stats: &Stats) -> f64 {
        match self {
            Self::Min => stats.min as f64,
            Self::Mean => stats.mean,
            Self::P50 => stats.p50 as f64,
            Self::P90 => stats.p90 as f64,
            Self::P95 => stats.p95 as f64,
            Self::P99 => stats.p99 as f64,
            Self::P999 => stats.p99_9 as f64,
            Self::Max => stats.max as f64,
            Self::Stddev => stats.stddev,
            Self::Count => stats.count as f64,
        }
    }
}

impl Tally {
    fn count(self, result: &RunResult) -> u64 {
        match self {
            Self::Tasks(state) => {
                let tasks = &result.tasks;
                match state {
                    TaskStatus::Submitted => tasks.submitted,
                    TaskStatus::Ended => tasks.ended,
                    TaskStatus::Failed => tasks.failed,
                    TaskStatus::Unfinished => tasks.unfinished,
                    TaskStatus::Dropped => tasks.dropped,
                }
            }
            Self::Transactions(scope, outcome) => {
                let counts = scope.transactions(result);
                match outcome {
                    Outcome::Total => counts.total,
                    Outcome::Included => counts.included,
                    Outcome::Reverted => counts.reverted,
                    Outcome::Outrun => counts.outrun,
                    Outcome::Repelled => counts.repelled,
                    Outcome::Refused => counts.refused,
                    Outcome::Lost => counts.lost,
                    Outcome::Failed => counts.failed(),
                    Outcome::Resent => counts.resent,
                }
            }
        }
    }

    /// The total that it is a part of.
    fn all_of_it(self, result: &RunResult) -> u64 {
        match self {
            Self::Tasks(TaskStatus::Dropped) => result.tasks.offered(),
            Self::Tasks(_) => result.tasks.submitted,
            Self::Transactions(scope, _) => scope.transactions(result).total,
        }
    }
}

impl Scope {
    fn transactions(self, result: &RunResult) -> TransactionCounts {
        match self {
            Self::All => Some(result.transactions),
            Self::Phase(phase) => result.phases.get(&phase).map(|phase| phase.transactions),
            Self::Function(function) => result.functions.get(&function).map(|called| called.transactions),
        }
        .unwrap_or_default()
    }

    fn gas_total(self, result: &RunResult) -> u64 {
        match self {
            Self::All => result.gas_total(),
            Self::Phase(phase) => result.phases.get(&phase).map_or(0, |phase| phase.gas_total),
            Self::Function(function) => result
                .functions
                .get(&function)
                .map_or(0, |called| called.gas_total),
        }
    }
}

impl Scalar {
    fn of(self, result: &RunResult) -> Option<f64> {
        let blocks = &result.blocks;
        match self {
            Self::TaskRateOffered => result.rates.tasks_offered_per_s,
            Self::TaskRateSteady => result.rates.tasks_steady_per_s,
            Self::TaskRate => result.rates.tasks_per_s,
            Self::TransactionRate => result.rates.transactions_per_s,
            Self::Blocks => Some(blocks.count as f64),
            Self::FullnessMean => blocks.fullness_mean,
            Self::FullnessMax => blocks.fullness_max,
            Self::BaseFeeMin => blocks.base_fee_min_wei.map(|wei| wei as f64),
            Self::BaseFeeMax => blocks.base_fee_max_wei.map(|wei| wei as f64),
            Self::Reorgs => node(result, |node| node.reorgs),
            Self::Repeated => node(result, NodeResult::requests_repeated),
            Self::Violations => Some(result.invariants.violated as f64),
            Self::DishonestAccepted => Some(dishonest(result, |of| of.accepted)),
            Self::DishonestRefused => Some(dishonest(result, |of| of.refused)),
            Self::Duration => Some(result.duration_us.0 as f64),
            Self::Setup => result.load.setup_end_us.map(|end| end.0 as f64),
        }
    }
}

/// A count of dishonest calls.
fn dishonest(result: &RunResult, count: impl Fn(&MisbehaviourResult) -> u64) -> f64 {
    result.misbehaviour.iter().map(count).sum::<u64>() as f64
}

/// A count of the node's troubles. The embedded chain has none; of a real node they are known only if the run recorded them.
fn node(result: &RunResult, count: impl FnOnce(&NodeResult) -> u64) -> Option<f64> {
    match (&result.node, result.clock) {
        (Some(node), _) => Some(count(node) as f64),
        (None, TimeSource::Virtual) => Some(0.0),
        (None, TimeSource::Wall) => None,
    }
}

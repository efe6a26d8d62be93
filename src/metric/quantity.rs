//! Quantities, scalars and counts that metrics measure.

use super::Unit;
use crate::protocol::{Function, Phase, TaskSpan, being_read};

/// Something that was measured many times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantity {
    /// Response time of a phase's transactions.
    Response(Phase),
    /// Service time of a phase's transactions.
    Service(Phase),
    /// Gas of a phase's transactions.
    Gas(Phase),
    /// Gas of the transactions that call a function.
    FunctionGas(Function),
    /// The duration of a stretch of tasks' lives.
    Span(TaskSpan),
    /// Lateness of the generator.
    Lateness,
    /// Gas of blocks.
    BlockGas,
}

impl Quantity {
    /// Whether it is of the measured part of the load alone.
    pub(super) const fn is_of_main_part(self) -> bool {
        matches!(
            self,
            Self::Response(_) | Self::Service(_) | Self::Span(_) | Self::Lateness
        )
    }

    /// Every quantity of the protocol that is read.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let protocol = being_read();
        let phases = protocol
            .phases
            .iter()
            .flat_map(|phase| [Self::Response(*phase), Self::Service(*phase), Self::Gas(*phase)]);
        phases
            .chain(protocol.functions.iter().copied().map(Self::FunctionGas))
            .chain(protocol.spans.iter().copied().map(Self::Span))
            .chain([Self::Lateness, Self::BlockGas])
            .collect()
    }

    pub(super) const fn unit(self) -> Unit {
        match self {
            Self::Response(_) | Self::Service(_) | Self::Span(_) | Self::Lateness => Unit::Time,
            Self::Gas(_) | Self::FunctionGas(_) | Self::BlockGas => Unit::Gas,
        }
    }
}

named! {
    /// A statistic of a measured quantity; those of [`crate::record::Stats`].
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Statistic {
        /// The smallest.
        Min = "min",
        /// The mean.
        Mean = "mean",
        /// The median.
        P50 = "p50",
        /// 90th percentile.
        P90 = "p90",
        /// 95th percentile.
        P95 = "p95",
        /// 99th percentile.
        P99 = "p99",
        /// 99.9th percentile.
        P999 = "p99.9",
        /// The largest.
        Max = "max",
        /// The standard deviation.
        Stddev = "stddev",
        /// The number of values.
        Count = "count",
    }
}

impl Statistic {
    /// The share of values that lie at or below a percentile, 0 to 1.
    #[must_use]
    pub const fn quantile(self) -> Option<f64> {
        match self {
            Self::P50 => Some(0.5),
            Self::P90 => Some(0.9),
            Self::P95 => Some(0.95),
            Self::P99 => Some(0.99),
            Self::P999 => Some(0.999),
            Self::Min | Self::Mean | Self::Max | Self::Stddev | Self::Count => None,
        }
    }
}

/// A kind of tasks or transactions that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tally {
    /// Tasks in this state; their share is of all that were submitted, and of dropped ones of all that were offered.
    Tasks(TaskStatus),
    /// Transactions with this outcome; their share is of all of the same scope.
    Transactions(Scope, Outcome),
}

impl Tally {
    pub(super) fn all() -> Vec<Self> {
        let scopes = Scope::all().into_iter().flat_map(|scope| {
            Outcome::ALL
                .into_iter()
                .map(move |outcome| Self::Transactions(scope, outcome))
        });
        TaskStatus::ALL
            .map(Self::Tasks)
            .into_iter()
            .chain(scopes)
            .collect()
    }

    /// Whether it is a part of something.
    pub(super) const fn has_ratio(self) -> bool {
        !matches!(
            self,
            Self::Tasks(TaskStatus::Submitted) | Self::Transactions(_, Outcome::Total)
        )
    }
}

named! {
    /// The outcome of tasks.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum TaskStatus {
        /// All that an owner asked to submit.
        Submitted = "submitted",
        /// Ended with at least one result.
        Ended = "ended",
        /// Never queued, or ended without a result.
        Failed = "failed",
        /// Neither when the run stopped.
        Unfinished = "unfinished",
        /// Never submitted, since too many were in flight.
        Dropped = "dropped",
    }
}

/// Which transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All of the run, setup included.
    All,
    /// Those of a phase.
    Phase(Phase),
    /// Those that call a function.
    Function(Function),
}

impl Scope {
    pub(super) fn all() -> Vec<Self> {
        let phases = being_read().phases.iter().copied().map(Self::Phase);
        let functions = being_read().functions.iter().copied().map(Self::Function);
        [Self::All].into_iter().chain(phases).chain(functions).collect()
    }
}

named! {
    /// The outcome of transactions.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Outcome {
        /// All of them.
        Total = "total",
        /// In a block, and succeeded.
        Included = "included",
        /// In a block, and reverted.
        Reverted = "reverted",
        /// In a block, and reverted as was to be expected: another was first.
        Outrun = "outrun",
        /// In a block, and reverted: dishonest calls that the contracts refused.
        Repelled = "repelled",
        /// Refused by the node.
        Refused = "refused",
        /// Never seen in a block.
        Lost = "lost",
        /// Reverted, refused or lost.
        Failed = "failed",
        /// Handed to the node more than once, whatever became of them.
        Resent = "resent",
    }
}

named! {
    /// A number of its own.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Scalar {
        /// Tasks that arrived, per second in which they did.
        TaskRateOffered = "rate.tasks.offered",
        /// Tasks that ended, per second of the steady state.
        TaskRateSteady = "rate.tasks.steady",
        /// Tasks that ended, per second under load, filling and draining included.
        TaskRate = "rate.tasks",
        /// Transactions in blocks, per second under load.
        TransactionRate = "rate.transactions",
        /// Blocks seen.
        Blocks = "blocks.count",
        /// Gas used over gas limit, of all blocks together.
        FullnessMean = "blocks.fullness.mean",
        /// Gas used over gas limit, of the fullest block.
        FullnessMax = "blocks.fullness.max",
        /// The lowest base fee.
        BaseFeeMin = "blocks.base_fee.min",
        /// The highest base fee.
        BaseFeeMax = "blocks.base_fee.max",
        /// The number of times that an invariant did not hold.
        Violations = "invariants.violated",
        /// Dishonest calls that the contracts accepted.
        DishonestAccepted = "misbehaviour.accepted",
        /// Dishonest calls that the contracts refused.
        DishonestRefused = "misbehaviour.refused",
        /// The number of times that blocks were taken back.
        Reorgs = "node.reorgs",
        /// Requests to the node that failed and were repeated.
        Repeated = "node.repeated",
        /// The duration of the run, setup included.
        Duration = "run.duration",
        /// The duration of setup.
        Setup = "run.setup",
    }
}

impl Scalar {
    pub(super) const fn unit(self) -> Unit {
        match self {
            Self::TaskRateOffered | Self::TaskRateSteady | Self::TaskRate | Self::TransactionRate => {
                Unit::PerSecond
            }
            Self::Blocks
            | Self::Violations
            | Self::DishonestAccepted
            | Self::DishonestRefused
            | Self::Reorgs
            | Self::Repeated => Unit::Count,
            Self::FullnessMean | Self::FullnessMax => Unit::Ratio,
            Self::BaseFeeMin | Self::BaseFeeMax => Unit::WeiPerGas,
            Self::Duration | Self::Setup => Unit::Time,
        }
    }
}

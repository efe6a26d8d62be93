//! The names of metrics, and what they mean.

use std::fmt;

use super::{Metric, Outcome, Quantity, Scalar, Scope, Statistic, Tally, TaskStatus};

impl Metric {
    /// Its name: words with dots between them.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Statistic(quantity, statistic) => format!("{quantity}.{}", statistic.name()),
            Self::Count(tally) => format!("{tally}.count"),
            Self::Ratio(tally) => format!("{tally}.ratio"),
            Self::GasTotal(scope) => format!("{}gas.total", scope.prefix().unwrap_or_default()),
            Self::Scalar(scalar) => scalar.name().to_owned(),
        }
    }

    /// What it says, in a few words.
    #[must_use]
    pub fn meaning(self) -> String {
        match self {
            Self::Statistic(quantity, statistic) => {
                format!("{} of {}", statistic.meaning(), quantity.meaning())
            }
            Self::Count(tally) => format!("how many {}", tally.meaning()),
            Self::Ratio(Tally::Tasks(state)) => {
                let whole = if state == TaskStatus::Dropped {
                    "offered"
                } else {
                    "submitted"
                };
                format!("share of the {whole} tasks: {}", state.meaning())
            }
            Self::Ratio(Tally::Transactions(scope, outcome)) => {
                format!(
                    "share of the transactions{}: {}",
                    scope.meaning(),
                    outcome.meaning()
                )
            }
            Self::GasTotal(scope) => format!("gas of all transactions{} in blocks", scope.meaning()),
            Self::Scalar(scalar) => scalar.meaning().to_owned(),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl fmt::Display for Quantity {
    /// The part of its metrics' names that they share.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response(phase) => write!(f, "phase.{}.response", phase.name()),
            Self::Service(phase) => write!(f, "phase.{}.service", phase.name()),
            Self::Gas(phase) => write!(f, "phase.{}.gas", phase.name()),
            Self::FunctionGas(function) => write!(f, "function.{}.gas", function.name()),
            Self::Span(span) => write!(f, "task.{}", span.name()),
            Self::Lateness => f.write_str("generator.lateness"),
            Self::BlockGas => f.write_str("blocks.gas"),
        }
    }
}

impl Quantity {
    fn meaning(self) -> String {
        match self {
            Self::Response(phase) => format!("the response time of {} transactions", phase.name()),
            Self::Service(phase) => format!("the service time of {} transactions", phase.name()),
            Self::Gas(phase) => format!("the gas of {} transactions", phase.name()),
            Self::FunctionGas(function) => format!("the gas of calls of {}", function.name()),
            Self::Span(span) => span.meaning().to_owned(),
            Self::Lateness => "how late the generator was: sent − intended".to_owned(),
            Self::BlockGas => "the gas that blocks used".to_owned(),
        }
    }
}

impl Statistic {
    const fn meaning(self) -> &'static str {
        match self {
            Self::Min => "smallest value",
            Self::Mean => "mean",
            Self::P50 => "median",
            Self::P90 => "90th percentile",
            Self::P95 => "95th percentile",
            Self::P99 => "99th percentile",
            Self::P999 => "99.9th percentile",
            Self::Max => "largest value",
            Self::Stddev => "standard deviation",
            Self::Count => "number of values",
        }
    }
}

impl fmt::Display for Tally {
    /// The part of its metrics' names that they share.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tasks(state) => write!(f, "tasks.{}", state.name()),
            Self::Transactions(scope, outcome) => {
                let scope = scope.prefix().unwrap_or_else(|| "transactions.".to_owned());
                write!(f, "{scope}{}", outcome.name())
            }
        }
    }
}

impl Tally {
    fn meaning(self) -> String {
        match self {
            Self::Tasks(state) => state.meaning().to_owned(),
            Self::Transactions(scope, outcome) => {
                format!("transactions{} {}", scope.meaning(), outcome.meaning())
            }
        }
    }
}

impl TaskStatus {
    const fn meaning(self) -> &'static str {
        match self {
            Self::Submitted => "tasks the load asked to submit",
            Self::Ended => "tasks ended with at least one result",
            Self::Failed => "tasks were never queued, or ended without a result",
            Self::Unfinished => "tasks were open when the run stopped",
            Self::Dropped => "tasks were never submitted: too many were in flight",
        }
    }
}

impl Scope {
    /// What its metrics' names begin with; `None` of all transactions.
    fn prefix(self) -> Option<String> {
        match self {
            Self::All => None,
            Self::Phase(phase) => Some(format!("phase.{}.", phase.name())),
            Self::Function(function) => Some(format!("function.{}.", function.name())),
        }
    }

    fn meaning(self) -> String {
        match self {
            Self::All => String::new(),
            Self::Phase(phase) => format!(" of the {} phase", phase.name()),
            Self::Function(function) => format!(" that call {}", function.name()),
        }
    }
}

impl Outcome {
    const fn meaning(self) -> &'static str {
        match self {
            Self::Total => "were asked for",
            Self::Included => "are in a block and succeeded",
            Self::Reverted => "are in a block and reverted",
            Self::Repelled => "are in a block and reverted: dishonest calls that the contracts refused",
            Self::Outrun => "are in a block and reverted, as was to be expected: another was first",
            Self::Refused => "were refused by the node",
            Self::Lost => "were never seen in a block",
            Self::Failed => "reverted, were refused or were lost",
            Self::Resent => "were handed to the node more than once",
        }
    }
}

impl Scalar {
    const fn meaning(self) -> &'static str {
        match self {
            Self::TaskRateOffered => "tasks that arrived per second, from the first arrival to the last",
            Self::TaskRateSteady => "tasks that ended per second, between filling and draining",
            Self::TaskRate => "tasks that ended per second, filling and draining included",
            Self::TransactionRate => {
                "transactions in blocks per second since the load's start, setup's apart"
            }
            Self::Blocks => "blocks that the run saw",
            Self::FullnessMean => "gas used over gas limit, of all blocks together",
            Self::FullnessMax => "gas used over gas limit, of the fullest block",
            Self::BaseFeeMin => "the lowest base fee",
            Self::BaseFeeMax => "the highest base fee",
            Self::Violations => "how often an invariant did not hold",
            Self::DishonestAccepted => "dishonest calls that the contracts accepted",
            Self::DishonestRefused => "dishonest calls that the contracts refused",
            Self::Reorgs => "reorgs: how often the node took back blocks that the run had read",
            Self::Repeated => "requests to the node that failed and were repeated",
            Self::Duration => "how long the run took, setup included",
            Self::Setup => "how long setup took",
        }
    }
}

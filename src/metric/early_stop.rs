//! Early stop: finds thresholds that can no longer hold while the run goes on.
//!
//! Only what is certain counts: numbers that never fall again, and shares and percentiles of the planned tasks, of which
//! there will be no more. Statistics of transactions, of which nobody knows how many will come, are decided by their
//! extremes alone. Whatever is decided here fails at the end as well, also when the run stops at that moment.

use super::{Metric, Operator, Outcome, Quantity, Scalar, Scope, Statistic, Tally, TaskStatus, Threshold};
use crate::{
    record::{Record, TaskOutcome, TaskRecord, TxOutcome, TxRecord},
    time::Micros,
};

/// Gets every record of a run, and reports the threshold that can no longer hold.
#[derive(Clone, Debug)]
pub struct EarlyStop {
    watched: Vec<Watched>,
    /// Tasks that the run will submit at most.
    tasks: Option<u64>,
}

#[derive(Clone, Debug)]
struct Watched {
    threshold: Threshold,
    /// What counts against it so far: how many, or how much.
    against: f64,
}

impl EarlyStop {
    /// Watches those of `thresholds` that are to stop a run early; it submits at most `tasks` tasks, if that is known.
    #[must_use]
    pub fn new(thresholds: &[Threshold], tasks: Option<u64>) -> Self {
        let watched = thresholds.iter().filter(|threshold| threshold.stop_early);
        Self {
            watched: watched
                .cloned()
                .map(|threshold| Watched {
                    threshold,
                    against: 0.0,
                })
                .collect(),
            tasks,
        }
    }

    /// Leaves out thresholds on times: which of a run's are measured is not known before its end.
    pub fn leave_out_times(&mut self) {
        self.watched.retain(|watched| {
            let metric = watched.threshold.metric;
            !matches!(metric, Metric::Statistic(quantity, _) if quantity.is_of_main_part())
        });
    }

    /// Whether it watches none.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.watched.is_empty()
    }

    /// Takes a record, and returns the first threshold that can no longer hold, if one cannot.
    pub fn hear(&mut self, record: &Record) -> Option<&Threshold> {
        let tasks = self.tasks;
        let lost = self
            .watched
            .iter_mut()
            .position(|watched| watched.hear(record, tasks));
        lost.map(|lost| &self.watched[lost].threshold)
    }
}

impl Watched {
    /// Takes a record; whether the threshold can no longer hold.
    fn hear(&mut self, record: &Record, tasks: Option<u64>) -> bool {
        match self.threshold.metric {
            Metric::Statistic(quantity, statistic) => match sample(quantity, record) {
                Some(value) => self.statistic(quantity, statistic, value as f64, tasks),
                None => false,
            },
            Metric::Count(tally) => {
                self.against += f64::from(u8::from(counts(tally, record)));
                self.exceeded(self.against)
            }
            Metric::Ratio(tally) => self.ratio(tally, record, tasks),
            Metric::GasTotal(scope) => {
                self.against += gas(scope, record) as f64;
                self.exceeded(self.against)
            }
            Metric::Scalar(scalar) => {
                match scalar {
                    Scalar::Blocks => {
                        self.against += f64::from(u8::from(matches!(record, Record::Block(_))));
                    }
                    Scalar::Violations => {
                        self.against += f64::from(u8::from(matches!(record, Record::Violation(_))));
                    }
                    Scalar::DishonestAccepted => self.count_if(is_misdeed(record, Outcome::Included)),
                    Scalar::DishonestRefused => self.count_if(is_misdeed(record, Outcome::Repelled)),
                    Scalar::FullnessMax => {
                        if let Record::Block(block) = record
                            && block.gas_limit > 0
                        {
                            // To three decimals, as in the result.
                            let fullness = block.gas_used as f64 / block.gas_limit as f64;
                            self.raise((fullness * 1e3).round() / 1e3);
                        }
                    }
                    Scalar::BaseFeeMax => {
                        if let Record::Block(block) = record {
                            self.raise(block.base_fee as f64);
                        }
                    }
                    Scalar::Duration => self.raise(moment(record).map_or(0.0, |at| at.0 as f64)),
                    Scalar::TaskRateOffered
                    | Scalar::TaskRateSteady
                    | Scalar::TaskRate
                    | Scalar::TransactionRate
                    | Scalar::FullnessMean
                    | Scalar::BaseFeeMin
                    | Scalar::Reorgs
                    | Scalar::Repeated
                    | Scalar::Setup => return false,
                }
                self.exceeded(self.against)
            }
        }
    }

    /// A statistic has one more value.
    fn statistic(
        &mut self,
        quantity: Quantity,
        statistic: Statistic,
        value: f64,
        tasks: Option<u64>,
    ) -> bool {
        // Every task has at most one value of a span.
        let most = tasks
            .filter(|_| matches!(quantity, Quantity::Span(_)))
            .map(|tasks| tasks as f64);
        match (statistic, most) {
            (Statistic::Max, _) => self.exceeded(value),
            (Statistic::Min, _) => self.undercut(value),
            (Statistic::Count, _) => {
                self.against += 1.0;
                self.exceeded(self.against)
            }
            (Statistic::Mean, Some(most)) => {
                self.against += value;
                self.exceeded(self.against / most)
            }
            (_, Some(most)) => {
                let Some(quantile) = statistic.quantile() else {
                    return false;
                };
                // The percentile lies above the bound for good once more values do than it leaves above itself.
                self.against += f64::from(u8::from(self.exceeded(value)));
                self.against > (1.0 - quantile) * most + ROUNDING
            }
            (_, None) => false,
        }
    }

    /// A share of tasks, of which there will be no more than planned: what is of another kind will not be of this one.
    fn ratio(&mut self, tally: Tally, record: &Record, tasks: Option<u64>) -> bool {
        let (Tally::Tasks(state), Record::Task(task), Some(tasks)) = (tally, record, tasks) else {
            return false;
        };
        // What was dropped is of no other kind, and not of all that were submitted.
        if task.outcome == TaskOutcome::Dropped && state != TaskStatus::Dropped {
            return false;
        }
        let is_upper = matches!(self.threshold.operator, Operator::Less | Operator::AtMost);
        let is_lower = matches!(self.threshold.operator, Operator::Greater | Operator::AtLeast);
        let counted = is(state, task);
        self.against += f64::from(u8::from((is_upper && counted) || (is_lower && !counted)));
        let share = self.against / tasks as f64;
        (is_upper && self.exceeded(share)) || (is_lower && self.undercut(1.0 - share + ROUNDING))
    }

    fn count_if(&mut self, counts: bool) {
        self.against += f64::from(u8::from(counts));
    }

    fn raise(&mut self, value: f64) {
        self.against = self.against.max(value);
    }

    /// Whether something that ends up at `value` or above cannot hold.
    fn exceeded(&self, value: f64) -> bool {
        match self.threshold.operator {
            Operator::Less => value >= self.threshold.bound,
            Operator::AtMost | Operator::Equal => value > self.threshold.bound,
            Operator::Greater | Operator::AtLeast | Operator::Unequal => false,
        }
    }

    /// Whether something that ends up at `value` or below cannot hold.
    fn undercut(&self, value: f64) -> bool {
        match self.threshold.operator {
            Operator::Greater => value <= self.threshold.bound,
            Operator::AtLeast | Operator::Equal => value < self.threshold.bound,
            Operator::Less | Operator::AtMost | Operator::Unequal => false,
        }
    }
}

/// What rounding may do to a count that was multiplied by a share: a decision waits for more than that.
const ROUNDING: f64 = 1e-9;

/// The record's value of a quantity.
fn sample(quantity: Quantity, record: &Record) -> Option<u64> {
    match (quantity, record) {
        (Quantity::Response(phase), Record::Transaction(tx)) if tx.phase == phase => tx.response_us(),
        (Quantity::Service(phase), Record::Transaction(tx)) if tx.phase == phase => tx.service_us(),
        (Quantity::Gas(phase), Record::Transaction(tx)) if tx.phase == phase => tx.gas_used,
        (Quantity::FunctionGas(function), Record::Transaction(tx)) if tx.function == function => tx.gas_used,
        (Quantity::Lateness, Record::Transaction(tx)) if !tx.phase.is_setup() => tx.lateness_us(),
        (Quantity::Span(span), Record::Task(task)) => task.span_us(span),
        (Quantity::BlockGas, Record::Block(block)) => Some(block.gas_used),
        _ => None,
    }
}

/// Whether the record is of a kind.
fn counts(tally: Tally, record: &Record) -> bool {
    match (tally, record) {
        (Tally::Tasks(state), Record::Task(task)) => is(state, task),
        (Tally::Transactions(scope, outcome), Record::Transaction(tx)) => {
            within(scope, tx) && has(outcome, tx)
        }
        _ => false,
    }
}

const fn is(state: TaskStatus, task: &TaskRecord) -> bool {
    matches!(
        (state, &task.outcome),
        (
            TaskStatus::Submitted,
            TaskOutcome::Ended | TaskOutcome::Failed(_) | TaskOutcome::Unfinished
        ) | (TaskStatus::Dropped, TaskOutcome::Dropped)
            | (TaskStatus::Ended, TaskOutcome::Ended)
            | (TaskStatus::Failed, TaskOutcome::Failed(_))
            | (TaskStatus::Unfinished, TaskOutcome::Unfinished)
    )
}

fn within(scope: Scope, tx: &TxRecord) -> bool {
    match scope {
        Scope::All => true,
        Scope::Phase(phase) => tx.phase == phase,
        Scope::Function(function) => tx.function == function,
    }
}

const fn has(outcome: Outcome, tx: &TxRecord) -> bool {
    match outcome {
        Outcome::Total => true,
        Outcome::Included => matches!(tx.outcome, TxOutcome::Included),
        Outcome::Reverted => matches!(tx.outcome, TxOutcome::Reverted(_)),
        Outcome::Outrun => matches!(tx.outcome, TxOutcome::Outrun(_)),
        Outcome::Repelled => matches!(tx.outcome, TxOutcome::Repelled(_)),
        Outcome::Refused => matches!(tx.outcome, TxOutcome::Refused(_)),
        Outcome::Lost => matches!(tx.outcome, TxOutcome::Lost(_)),
        Outcome::Failed => !matches!(
            tx.outcome,
            TxOutcome::Included | TxOutcome::Outrun(_) | TxOutcome::Repelled(_)
        ),
        Outcome::Resent => tx.attempts > 1,
    }
}

/// Whether a record is of a dishonest transaction with this outcome.
const fn is_misdeed(record: &Record, outcome: Outcome) -> bool {
    match record {
        Record::Transaction(tx) => tx.misdeed.is_some() && has(outcome, tx),
        _ => false,
    }
}

/// The gas that a record adds to a scope's.
fn gas(scope: Scope, record: &Record) -> u64 {
    match record {
        Record::Transaction(tx) if within(scope, tx) => tx.gas_used.unwrap_or_default(),
        _ => 0,
    }
}

/// A moment that the run has come to.
const fn moment(record: &Record) -> Option<Micros> {
    match record {
        Record::Transaction(tx) => tx.included,
        Record::Task(task) => task.ended,
        Record::Block(block) => Some(block.seen),
        Record::Violation(_) => None,
    }
}

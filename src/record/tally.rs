//! Running totals of transactions, tasks and blocks.

use std::collections::BTreeMap;

use super::{
    BlockRecord, BlockResult, Distribution, Failures, FunctionResult, PhaseResult, TaskCounts, TaskOutcome,
    TaskRecord, TransactionCounts, TxOutcome, TxRecord, distribution::rounded, gas::GasDistribution,
    reasons::Reasons,
};
use crate::protocol::TaskPhase;

impl TransactionCounts {
    /// Counts one transaction.
    pub(super) fn count(&mut self, transaction: &TxRecord) {
        self.total += 1;
        self.resent += u64::from(transaction.attempts > 1);
        *match transaction.outcome {
            TxOutcome::Included => &mut self.included,
            TxOutcome::Reverted(_) => &mut self.reverted,
            TxOutcome::Outrun(_) => &mut self.outrun,
            TxOutcome::Repelled(_) => &mut self.repelled,
            TxOutcome::Refused(_) => &mut self.refused,
            TxOutcome::Lost(_) => &mut self.lost,
        } += 1;
    }
}

/// Outcomes and gas of some transactions.
#[derive(Clone, Debug, Default)]
pub(super) struct GasTally {
    counts: TransactionCounts,
    gas: GasDistribution,
    reverted: u64,
}

impl GasTally {
    pub(super) fn record(&mut self, transaction: &TxRecord) {
        self.counts.count(transaction);
        if let Some(gas) = transaction.gas_used {
            self.gas.record(gas);
            if transaction.outcome.is_revert() {
                self.reverted = self.reverted.saturating_add(gas);
            }
        }
    }

    /// The result of a function; `None` if it was never called.
    pub(super) fn finish(self) -> Option<FunctionResult> {
        (self.counts.total > 0).then(|| FunctionResult {
            transactions: self.counts,
            gas_used: self.gas.stats(),
            gas_total: self.gas.total(),
            gas_reverted: self.reverted,
        })
    }
}

/// Outcomes, gas and failures of a phase's transactions.
#[derive(Clone, Debug, Default)]
pub(super) struct PhaseTally {
    gas: GasTally,
    reverted: Reasons,
    outrun: Reasons,
    refused: Reasons,
    lost: Reasons,
}

impl PhaseTally {
    pub(super) fn record(&mut self, transaction: &TxRecord) {
        self.gas.record(transaction);
        let (reasons, reason) = match &transaction.outcome {
            // What was repelled is no failure.
            TxOutcome::Included | TxOutcome::Repelled(_) => return,
            TxOutcome::Reverted(reason) => (&mut self.reverted, reason),
            TxOutcome::Outrun(reason) => (&mut self.outrun, reason),
            TxOutcome::Refused(reason) => (&mut self.refused, reason),
            TxOutcome::Lost(reason) => (&mut self.lost, reason),
        };
        reasons.count(reason);
    }

    /// Why transactions failed so far.
    pub(super) fn failures(&self) -> Failures {
        let mut examples = BTreeMap::new();
        Failures {
            reverted: self.reverted.finish(&mut examples),
            outrun: self.outrun.finish(&mut examples),
            refused: self.refused.finish(&mut examples),
            lost: self.lost.finish(&mut examples),
            examples,
        }
    }

    /// The phase's result, with these times.
    pub(super) fn finish(self, response: &Distribution, service: &Distribution) -> PhaseResult {
        PhaseResult {
            failures: self.failures(),
            transactions: self.gas.counts,
            response_us: response.stats(),
            service_us: service.stats(),
            gas_used: self.gas.gas.stats(),
            gas_total: self.gas.gas.total(),
            gas_reverted: self.gas.reverted,
        }
    }
}

/// Outcomes of tasks.
#[derive(Clone, Debug, Default)]
pub(super) struct TaskTally {
    pub(super) ended: u64,
    pub(super) failed: u64,
    unfinished: u64,
    pub(super) dropped: u64,
    ended_as: BTreeMap<&'static str, u64>,
    reasons: Reasons,
    unfinished_by_phase: BTreeMap<TaskPhase, u64>,
}

impl TaskTally {
    pub(super) fn record(&mut self, task: &TaskRecord) {
        if let Some(name) = task.ended_as {
            *self.ended_as.entry(name).or_default() += 1;
        }
        match &task.outcome {
            TaskOutcome::Ended => self.ended += 1,
            TaskOutcome::Failed(reason) => {
                self.failed += 1;
                self.reasons.count(reason);
            }
            TaskOutcome::Dropped => self.dropped += 1,
            TaskOutcome::Unfinished => {
                self.unfinished += 1;
                *self.unfinished_by_phase.entry(task.phase).or_default() += 1;
            }
        }
    }

    /// The counts of a run that asked for `offered` tasks, where these were counted when they were asked for; otherwise those
    /// with an outcome are all there are.
    pub(super) fn finish(self, offered: Option<u64>) -> TaskCounts {
        let mut reason_examples = BTreeMap::new();
        let with_outcome = self.ended + self.failed + self.unfinished;
        TaskCounts {
            submitted: offered.map_or(with_outcome, |offered| offered.saturating_sub(self.dropped)),
            ended: self.ended,
            failed: self.failed,
            unfinished: self.unfinished,
            dropped: self.dropped,
            ended_as: self
                .ended_as
                .into_iter()
                .map(|(name, count)| (name.to_owned(), count))
                .collect(),
            failed_by_reason: self.reasons.finish(&mut reason_examples),
            reason_examples,
            unfinished_by_phase: self.unfinished_by_phase,
        }
    }
}

/// What blocks held.
#[derive(Clone, Debug, Default)]
pub(super) struct BlockTally {
    numbers: Option<(u64, u64)>,
    base_fees: Option<(u64, u64)>,
    transactions: u64,
    gas_used: Distribution,
    gas_limit: u128,
    fullness_max: Option<f64>,
}

impl BlockTally {
    pub(super) fn record(&mut self, block: &BlockRecord) {
        widen(&mut self.numbers, block.number);
        widen(&mut self.base_fees, block.base_fee);
        self.transactions += u64::from(block.transactions);
        self.gas_used.record(block.gas_used);
        self.gas_limit += u128::from(block.gas_limit);
        if block.gas_limit > 0 {
            let fullness = block.gas_used as f64 / block.gas_limit as f64;
            self.fullness_max = Some(self.fullness_max.map_or(fullness, |max| max.max(fullness)));
        }
    }

    /// The highest block number so far.
    pub(super) fn last(&self) -> Option<u64> {
        self.numbers.map(|(_, last)| last)
    }

    pub(super) fn finish(self) -> BlockResult {
        let gas_used_total = self.gas_used.sum();
        BlockResult {
            count: self.gas_used.count(),
            first: self.numbers.map(|(first, _)| first),
            last: self.last(),
            transactions: self.transactions,
            gas_used_total: u64::try_from(gas_used_total).unwrap_or(u64::MAX),
            gas_used: self.gas_used.stats(),
            fullness_mean: (self.gas_limit > 0)
                .then(|| rounded(gas_used_total as f64 / self.gas_limit as f64)),
            fullness_max: self.fullness_max.map(rounded),
            base_fee_min_wei: self.base_fees.map(|(min, _)| min),
            base_fee_max_wei: self.base_fees.map(|(_, max)| max),
        }
    }
}

/// Widens a range so that it holds `value`.
fn widen(range: &mut Option<(u64, u64)>, value: u64) {
    let (min, max) = range.unwrap_or((value, value));
    *range = Some((min.min(value), max.max(value)));
}

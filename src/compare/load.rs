//! Sample loading: reads what a run measured from its rows, block by block.

use std::{collections::BTreeMap, ops::Range};

use super::sample::{Sample, Values};
use crate::{
    metric::{Quantity, Scope},
    protocol::{Function, being_read},
    record::{TaskRecord, TxRecord},
    run_folder::{ReadError, RunFolder},
    time::Micros,
};

/// The gas of some transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GasSample {
    /// Every value and how often it occurs.
    pub(super) exact: BTreeMap<u64, u64>,
    /// The same by block.
    pub(super) by_block: Sample,
}

/// The transactions of a phase, or those that call a function: those that succeeded, or those that reverted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GasKey {
    pub(super) scope: Scope,
    pub(super) reverted: bool,
}

/// The observations of a run.
#[derive(Debug)]
pub(super) struct Measured {
    /// Latencies that transactions and tasks had.
    pub(super) latency: BTreeMap<Quantity, Sample>,
    /// Response times under load by function.
    pub(super) functions: BTreeMap<Function, Values>,
    /// Gas.
    pub(super) gas: BTreeMap<GasKey, GasSample>,
    /// Whether it has rows of transactions.
    pub(super) has_transactions: bool,
    /// Whether it has rows of tasks.
    pub(super) has_tasks: bool,
    end: Micros,
    /// The part of the load that latencies are of, by when something was meant to be.
    main: Range<Micros>,
}

impl Measured {
    /// Reads the rows of a run. Latencies are of the measured part of its load alone, gas is of the whole run: as in its
    /// result.
    pub(super) fn of(run: &RunFolder) -> Result<Self, ReadError> {
        let parts = run.result().parts.as_ref();
        let mut measured = Self {
            latency: BTreeMap::new(),
            functions: BTreeMap::new(),
            gas: BTreeMap::new(),
            has_transactions: false,
            has_tasks: false,
            end: run.result().duration_us,
            main: Range {
                start: parts.and_then(|parts| parts.main_from_us).unwrap_or_default(),
                end: parts
                    .and_then(|parts| parts.cool_down_from_us)
                    .unwrap_or(Micros(u64::MAX)),
            },
        };
        if let Some(rows) = run.transactions()? {
            measured.has_transactions = true;
            for row in rows {
                measured.transaction(&row?);
            }
        }
        if let Some(rows) = run.tasks()? {
            measured.has_tasks = true;
            for row in rows {
                measured.task(&row?);
            }
        }
        Ok(measured)
    }

    fn transaction(&mut self, row: &TxRecord) {
        let Some(block) = row.included else {
            return;
        };
        // Under load, functions of setup are management: the row tells.
        let phase = row.phase;
        if !phase.is_setup() && self.main.contains(&row.intended) {
            self.latency(Quantity::Response(phase), block, row.response_us());
            self.latency(Quantity::Service(phase), block, row.service_us());
            if let Some(took) = row.response_us() {
                self.functions.entry(row.function).or_default().record(took);
            }
        }
        let Some(gas) = row.gas_used else {
            return;
        };
        let reverted = row.outcome.is_revert();
        for scope in [Scope::Phase(phase), Scope::Function(row.function)] {
            let sample = self
                .gas
                .entry(GasKey { scope, reverted })
                .or_insert_with(|| GasSample {
                    exact: BTreeMap::new(),
                    by_block: Sample::new(self.end),
                });
            *sample.exact.entry(gas).or_default() += 1;
            sample.by_block.record(block, gas);
        }
    }

    /// A stretch of a task's life is measured by the block that ended it.
    fn task(&mut self, row: &TaskRecord) {
        if !self.main.contains(&row.intended) {
            return;
        }
        for span in being_read().spans {
            if let Some(block) = row.moment(span.to()) {
                self.latency(Quantity::Span(*span), block, row.span_us(*span));
            }
        }
    }

    fn latency(&mut self, quantity: Quantity, block: Micros, took: Option<u64>) {
        if let Some(took) = took {
            let sample = self.latency.entry(quantity);
            sample
                .or_insert_with(|| Sample::new(self.end))
                .record(block, took);
        }
    }
}

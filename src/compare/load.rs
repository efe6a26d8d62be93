//! Sample loading: reads what a run measured from its rows, block by block.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use alloy::primitives::Address;

use super::{
    kind::LatencyKind,
    sample::{Sample, Values},
};
use crate::{
    metric::Scope,
    protocol::{Function, Moment, Phase, TaskKey, being_read},
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
    /// Calls of each account, and the gas of all of them.
    pub(super) by_sender: BTreeMap<Address, (u64, u64)>,
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
    pub(super) latency: BTreeMap<LatencyKind, Sample>,
    /// How long after the first block that could have held them transactions of a phase came into one.
    pub(super) passed_over: BTreeMap<Phase, Values>,
    /// Response times under load by function.
    pub(super) functions: BTreeMap<Function, Values>,
    /// Gas.
    pub(super) gas: BTreeMap<GasKey, GasSample>,
    /// Whether it has rows of transactions.
    pub(super) has_transactions: bool,
    /// Whether it has rows of tasks.
    pub(super) has_tasks: bool,
    axis: Axis,
    /// The part of the load that latencies are of, by when something was meant to be.
    main: Range<Micros>,
}

/// What places the values of a run in time, to cut batches of neighbours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    /// The end of time.
    pub(super) end: Micros,
    /// The length of a block, if values are placed by the moment at which their task was meant to be submitted, rounded to
    /// blocks: it is the same in all runs of a seed. Otherwise they are placed by the block that brought them.
    pub(super) by_task: Option<Micros>,
}

/// What a run says of a task, and of when its transactions could have been in a block.
#[derive(Debug, Default)]
struct Context {
    tasks: BTreeMap<TaskKey, TaskRecord>,
    blocks: BTreeSet<Micros>,
}

impl Context {
    /// From the event that began the phase of the transaction's task to the moment at which it was meant to be sent.
    fn delay_us(&self, row: &TxRecord) -> Option<u64> {
        let task = self.tasks.get(&row.task?)?;
        let phases = being_read().open_phases();
        let begun = phases.filter(|phase| phase.phase() == row.phase && phase.since() != Moment::Intended);
        let begun = begun.filter_map(|phase| task.moment(phase.since()));
        let cause = begun.filter(|begun| *begun <= row.intended).max()?;
        Some(row.intended.since(cause))
    }

    /// From the first block after the moment at which it was meant to be sent to the block that holds it.
    fn passed_over_us(&self, row: &TxRecord) -> Option<u64> {
        let first = self.blocks.range(row.intended..).next()?;
        Some(row.included?.since(*first))
    }
}

impl Measured {
    /// Reads the rows of a run. Latencies are of the measured part of its load alone, gas is of the whole run: as in its
    /// result.
    pub(super) fn of(run: &RunFolder, axis: Axis) -> Result<Self, ReadError> {
        let parts = run.result().parts.as_ref();
        let mut measured = Self {
            latency: BTreeMap::new(),
            passed_over: BTreeMap::new(),
            functions: BTreeMap::new(),
            gas: BTreeMap::new(),
            has_transactions: false,
            has_tasks: false,
            axis,
            main: Range {
                start: parts.and_then(|parts| parts.main_from_us).unwrap_or_default(),
                end: parts
                    .and_then(|parts| parts.cool_down_from_us)
                    .unwrap_or(Micros(u64::MAX)),
            },
        };
        let mut context = Context::default();
        for row in run.blocks()?.into_iter().flatten() {
            context.blocks.insert(row?.seen);
        }
        if let Some(rows) = run.tasks()? {
            measured.has_tasks = true;
            for row in rows {
                let row = row?;
                measured.task(&row);
                if let Some(key) = row.key {
                    context.tasks.insert(key, row);
                }
            }
        }
        if let Some(rows) = run.transactions()? {
            measured.has_transactions = true;
            for row in rows {
                measured.transaction(&row?, &context);
            }
        }
        Ok(measured)
    }

    fn transaction(&mut self, row: &TxRecord, context: &Context) {
        let Some(block) = row.included else {
            return;
        };
        // Under load, functions of setup are management: the row tells.
        let phase = row.phase;
        let task = row.task.and_then(|key| context.tasks.get(&key));
        let place = self.place(block, task.map_or(row.intended, |task| task.intended));
        if !phase.is_setup() && self.main.contains(&row.intended) {
            self.latency(LatencyKind::Delay(phase), place, context.delay_us(row));
            self.latency(LatencyKind::Response(phase), place, row.response_us());
            self.latency(LatencyKind::Service(phase), place, row.service_us());
            if let Some(took) = row.response_us() {
                self.functions.entry(row.function).or_default().record(took);
            }
            if let Some(took) = context.passed_over_us(row) {
                self.passed_over.entry(phase).or_default().record(took);
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
                    by_block: Sample::new(self.axis.end),
                    by_sender: BTreeMap::new(),
                });
            *sample.exact.entry(gas).or_default() += 1;
            sample.by_block.record(place, gas);
            let (calls, sum) = sample.by_sender.entry(row.from).or_default();
            (*calls, *sum) = (*calls + 1, *sum + gas);
        }
    }

    /// A stretch of a task's life is measured by the block that ended it.
    fn task(&mut self, row: &TaskRecord) {
        if !self.main.contains(&row.intended) {
            return;
        }
        for span in being_read().spans {
            if let Some(block) = row.moment(span.to()) {
                let place = self.place(block, row.intended);
                self.latency(LatencyKind::Span(*span), place, row.span_us(*span));
            }
        }
    }

    /// Where a value is, of which `block` brought, and which was meant to begin at `intended`.
    fn place(&self, block: Micros, intended: Micros) -> Micros {
        self.axis
            .by_task
            .map_or(block, |length| Micros(intended.0 - intended.0 % length.0.max(1)))
    }

    fn latency(&mut self, kind: LatencyKind, place: Micros, took: Option<u64>) {
        if let Some(took) = took {
            let sample = self.latency.entry(kind);
            sample
                .or_insert_with(|| Sample::new(self.axis.end))
                .record(place, took);
        }
    }
}

//! [`Recorder`]: turns a stream of records into files, histograms and a result.

use std::{array, collections::BTreeMap, fmt};

use super::{
    BlockRecord, Distribution, GeneratorResult, Histograms, InvariantResult, Journal, JournalError,
    LoadWindow, NamedHistogram, Rates, Record, RunFacts, RunResult, SCHEMA_VERSION, Snapshot, SpanResult,
    StopReason, TaskRecord, TaskSpan, TransactionCounts, TxRecord,
    distribution::rounded_to_digits,
    measure::{Divided, Parts, Window},
    recent::RecentRate,
    tally::{BlockTally, GasTally, PhaseTally, TaskTally},
};
use crate::{
    protocol::{Function, Invariant, Phase, Violation},
    time::Micros,
};

/// Violations that are kept; all are counted.
const KEPT_VIOLATIONS: usize = 100;
/// Run time between two flushes of the journal, in µs.
const FLUSH_EVERY_US: u64 = 1_000_000;

/// Takes a run's records one by one. Memory does not grow with their number, unless [`Recorder::measuring`] must wait for the
/// end of the run.
#[derive(Debug)]
pub struct Recorder {
    journal: Option<Journal>,
    flushed: Micros,
    counts: TransactionCounts,
    phases: [PhaseTally; Phase::ALL.len()],
    functions: [GasTally; Function::ALL.len()],
    tasks: TaskTally,
    parts: Parts,
    /// Response time of the lifecycle's phases.
    response: Distribution,
    blocks: BlockTally,
    recent: RecentRate,
    listeners: Vec<Listener>,
    last_end: Option<Micros>,
    last_inclusion: Option<Micros>,
    violated: BTreeMap<Invariant, u64>,
    violations: Vec<Violation>,
}

/// Somebody who hears of every record.
struct Listener(Box<dyn FnMut(&Record) + Send>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            journal: None,
            flushed: Micros::ZERO,
            counts: TransactionCounts::default(),
            phases: array::from_fn(|_| PhaseTally::default()),
            functions: array::from_fn(|_| GasTally::default()),
            tasks: TaskTally::default(),
            parts: Parts::default(),
            response: Distribution::default(),
            blocks: BlockTally::default(),
            recent: RecentRate::default(),
            listeners: Vec::new(),
            last_end: None,
            last_inclusion: None,
            violated: BTreeMap::new(),
            violations: Vec::new(),
        }
    }
}

impl Recorder {
    /// A recorder that writes no files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A recorder that streams rows to a journal as well.
    #[must_use]
    pub fn with_journal(journal: Journal) -> Self {
        Self {
            journal: Some(journal),
            ..Self::default()
        }
    }

    /// The same recorder, with one more who hears of every record before it is taken.
    #[must_use]
    pub fn heard_by(mut self, listener: impl FnMut(&Record) + Send + 'static) -> Self {
        self.listeners.push(Listener(Box::new(listener)));
        self
    }

    /// The same recorder, whose main figures are of this part of the load alone. If that part is known only when the run is
    /// over, every transaction is remembered until then in 32 bytes, and every task in 72.
    #[must_use]
    pub fn measuring(mut self, window: Window) -> Self {
        self.parts = Parts::of(window);
        self
    }

    /// The load begins at this moment. What is recorded before it is known belongs to no part until the end.
    pub fn load_begins(&mut self, at: Micros) {
        self.parts.load_begins(at);
    }

    /// Takes a record. It never fails: a journal that cannot be written is asked for with
    /// [`Recorder::journal_error`], and recording in memory goes on.
    pub fn record(&mut self, record: &Record) {
        for Listener(hear) in &mut self.listeners {
            hear(record);
        }
        match record {
            Record::Transaction(transaction) => self.transaction(transaction),
            Record::Task(task) => self.task(task),
            Record::Block(block) => self.block(block),
            Record::Violation(violation) => self.violation(violation),
        }
    }

    fn transaction(&mut self, transaction: &TxRecord) {
        if let Some(journal) = &mut self.journal {
            let part = self.parts.name_of_transaction(transaction);
            journal.transaction(transaction, part);
        }
        self.parts.transaction(transaction);
        let phase = transaction.phase;
        self.counts.count(transaction);
        self.phases[phase as usize].record(transaction);
        self.functions[transaction.function as usize].record(transaction);
        if let Some(included) = transaction.included {
            self.recent.count(included);
        }
        if phase.is_lifecycle() {
            transaction
                .response_us()
                .into_iter()
                .for_each(|time| self.response.record(time));
            self.last_inclusion = self.last_inclusion.max(transaction.included);
        }
        self.advance(transaction.included);
    }

    fn task(&mut self, task: &TaskRecord) {
        if let Some(journal) = &mut self.journal {
            journal.task(task, self.parts.name_of(task.intended));
        }
        self.tasks.record(task);
        self.parts.task(task);
        self.last_end = self.last_end.max(task.ended);
        self.advance(task.ended);
    }

    fn block(&mut self, block: &BlockRecord) {
        if let Some(journal) = &mut self.journal {
            journal.block(block);
        }
        self.blocks.record(block);
        self.advance(Some(block.seen));
    }

    fn violation(&mut self, violation: &Violation) {
        *self.violated.entry(violation.invariant).or_default() += 1;
        if self.violations.len() < KEPT_VIOLATIONS {
            self.violations.push(violation.clone());
        }
    }

    fn advance(&mut self, moment: Option<Micros>) {
        if let Some(moment) = moment {
            self.tick(moment);
        }
    }

    /// Notes that the run has come to this moment, and flushes the journal if the last time was a second of run time
    /// ago. Records do that as well; call it when there may be none for a while.
    pub fn tick(&mut self, now: Micros) {
        self.recent.advance(now);
        if now.since(self.flushed) >= FLUSH_EVERY_US {
            self.flushed = now;
            self.flush();
        }
    }

    /// Hands all rows so far to the system.
    pub fn flush(&mut self) {
        if let Some(journal) = &mut self.journal {
            journal.flush();
        }
    }

    /// The first error in writing the journal, if one happened.
    #[must_use]
    pub fn journal_error(&self) -> Option<&JournalError> {
        self.journal.as_ref().and_then(Journal::error)
    }

    /// The first 100 violations of an invariant.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// What was recorded so far. Takes microseconds: meant for a display, not for every record.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            transactions: self.counts.total,
            in_blocks: self.counts.in_blocks(),
            failed: self.counts.failed(),
            tasks_ended: self.tasks.ended,
            tasks_failed: self.tasks.failed,
            tasks_dropped: self.tasks.dropped,
            transactions_per_s: self.recent.per_second(),
            response_p50_us: self.response.quantile(0.5),
            response_p99_us: self.response.quantile(0.99),
            block_number: self.blocks.last(),
            violated: self.violated.values().sum(),
        }
    }

    /// Flushes and closes the journal and gives the run's result with its latency histograms.
    #[must_use]
    pub fn finish(mut self, facts: RunFacts) -> (RunResult, Histograms) {
        self.flush();
        let journal_error = self.journal_error().map(JournalError::to_string);
        let load = LoadWindow {
            setup_end_us: facts.setup_end,
            start_us: facts.load_start,
            last_end_us: self.last_end,
            last_inclusion_us: self.last_inclusion,
        };
        let Divided {
            setup,
            main,
            apart,
            parts,
        } = self.parts.divide(facts.load_start);
        let mut phases = BTreeMap::new();
        for (phase, tally) in Phase::ALL.into_iter().zip(self.phases) {
            let times = if phase == Phase::Setup { &setup } else { &main };
            let result = tally.finish(&times.response[phase as usize], &times.service[phase as usize]);
            phases.insert(phase, result);
        }
        let task_phases = TaskSpan::ALL.into_iter().map(|span| {
            let duration_us = main.spans[span as usize].stats();
            (span, SpanResult { duration_us })
        });
        let task_phases = task_phases.collect();
        let generator = GeneratorResult {
            lateness_us: main.lateness.stats(),
        };
        let main_start = parts
            .as_ref()
            .map_or(facts.load_start, |parts| parts.main_from_us);
        let rates = Rates {
            tasks_per_s: per_second(main.ended, main_start, main.last_end),
            transactions_per_s: per_second(main.in_blocks, main_start, main.last_inclusion),
        };
        let mut histograms = Histograms::default();
        setup.push("", &mut histograms);
        main.push("", &mut histograms);
        for (part, times) in apart {
            times.push(&format!("{}.", part.name()), &mut histograms);
        }
        let functions = Function::ALL
            .into_iter()
            .filter_map(|function| {
                let tally = std::mem::take(&mut self.functions[function as usize]);
                Some((function, tally.finish()?))
            })
            .collect();
        let result = RunResult {
            schema_version: SCHEMA_VERSION,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: facts.scenario,
            started_at: facts.started_at,
            clock: facts.clock,
            chain: facts.chain,
            complete: facts.stop_reason == StopReason::Finished && journal_error.is_none(),
            stop_reason: facts.stop_reason,
            stop_message: facts.stop_message,
            journal_error,
            duration_us: facts.duration,
            load,
            parts,
            rates,
            tasks: self.tasks.finish(),
            transactions: self.counts,
            phases,
            functions,
            task_phases,
            generator,
            blocks: self.blocks.finish(),
            invariants: InvariantResult {
                checked: facts.checked,
                violated: self.violated.values().sum(),
                violated_by_invariant: self.violated,
                violations: self.violations,
            },
            thresholds: Vec::new(),
        };
        (result, histograms)
    }
}

impl Histograms {
    pub(super) fn push(&mut self, phase: &str, metric: &'static str, values: Distribution) {
        if values.count() > 0 {
            self.0.push(NamedHistogram {
                phase: phase.to_owned(),
                metric,
                histogram: values.into_histogram(),
            });
        }
    }
}

/// Events per second from one moment to a later one.
fn per_second(events: u64, from: Option<Micros>, to: Option<Micros>) -> Option<f64> {
    let time_us = to?.since(from?);
    (time_us > 0).then(|| rounded_to_digits(events as f64 * 1e6 / time_us as f64))
}

//! The totals of a run: everything that its records come to, in memory.

use std::collections::BTreeMap;

use super::{
    BlockRecord, Distribution, GeneratorResult, Histograms, InvariantResult, LoadWindow, NamedHistogram,
    Rates, Record, RunFacts, RunResult, SCHEMA_VERSION, Snapshot, SpanResult, SteadyState, StopReason,
    TaskOutcome, TaskRecord, TransactionCounts, TxRecord, WindowSpec, WindowsResult,
    distribution::rounded_to_digits,
    flow::Ends,
    measure::{SplitTimes, Times, WindowedTimes},
    misbehaviour::MisbehaviourTally,
    recent::RecentRate,
    tally::{BlockTally, GasTally, PhaseTally, TaskTally},
};
use crate::{
    protocol::{Invariant, Phase, ProtocolSchema, Violation},
    time::Micros,
};

/// Violations that are kept; all are counted.
const KEPT_VIOLATIONS: usize = 100;

/// What records come to. Its size does not depend on their number, unless the part of a run that is measured is known only
/// at its end.
#[derive(Clone, Debug)]
pub(super) struct Totals {
    counts: TransactionCounts,
    protocol: &'static ProtocolSchema,
    phases: Vec<PhaseTally>,
    functions: Vec<GasTally>,
    misbehaviour: MisbehaviourTally,
    tasks: TaskTally,
    pub(super) windowed: WindowedTimes,
    /// Response time of the lifecycle's phases.
    response: Distribution,
    blocks: BlockTally,
    pub(super) recent: RecentRate,
    /// Ends of tasks with a result, whatever part they belong to.
    ends: Ends,
    last_end: Option<Micros>,
    last_inclusion: Option<Micros>,
    violated: BTreeMap<Invariant, u64>,
    pub(super) violations: Vec<Violation>,
}

/// Transactions of a phase that failed for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The number.
    pub count: u64,
    /// The phase.
    pub phase: Phase,
    /// `reverted`, `refused` or `lost`.
    pub outcome: &'static str,
    /// The reason.
    pub reason: String,
}

impl Totals {
    /// Nothing yet, of a protocol.
    pub(super) fn of(protocol: &'static ProtocolSchema) -> Self {
        Self {
            protocol,
            counts: TransactionCounts::default(),
            phases: vec![PhaseTally::default(); protocol.phases.len()],
            functions: vec![GasTally::default(); protocol.functions.len()],
            misbehaviour: MisbehaviourTally::default(),
            tasks: TaskTally::default(),
            windowed: WindowedTimes::of(protocol, WindowSpec::EVERYTHING),
            response: Distribution::default(),
            blocks: BlockTally::default(),
            recent: RecentRate::default(),
            ends: Ends::default(),
            last_end: None,
            last_inclusion: None,
            violated: BTreeMap::new(),
            violations: Vec::new(),
        }
    }

    /// The schema of the protocol.
    pub(super) const fn protocol(&self) -> &'static ProtocolSchema {
        self.protocol
    }

    /// Measures the windows of `spec`.
    pub(super) fn measure(&mut self, spec: WindowSpec) {
        self.windowed = WindowedTimes::of(self.protocol, spec);
    }

    /// Counts a record.
    pub(super) fn record(&mut self, record: &Record) {
        match record {
            Record::Transaction(transaction) => self.transaction(transaction),
            Record::Task(task) => self.task(task),
            Record::Block(block) => self.block(block),
            Record::Violation(violation) => self.violation(violation),
        }
    }

    fn transaction(&mut self, transaction: &TxRecord) {
        self.windowed.transaction(transaction);
        let phase = transaction.phase;
        self.counts.count(transaction);
        self.phases[phase.index()].record(transaction);
        self.functions[transaction.function.index()].record(transaction);
        self.misbehaviour.record(transaction);
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
    }

    fn task(&mut self, task: &TaskRecord) {
        self.tasks.record(task);
        self.windowed.task(task);
        self.last_end = self.last_end.max(task.ended);
        if task.outcome == TaskOutcome::Ended
            && let Some(ended) = task.ended
        {
            self.ends.record(ended);
        }
    }

    fn block(&mut self, block: &BlockRecord) {
        self.blocks.record(block);
    }

    fn violation(&mut self, violation: &Violation) {
        *self.violated.entry(violation.invariant).or_default() += 1;
        if self.violations.len() < KEPT_VIOLATIONS {
            self.violations.push(violation.clone());
        }
    }

    /// As [`super::Recorder::failures`].
    pub(super) fn failures(&self) -> Vec<Failure> {
        let of_phase = |(phase, tally): (Phase, &PhaseTally)| {
            let failures = tally.failures();
            failures
                .iter()
                .map(move |(outcome, reason, count)| Failure {
                    count,
                    phase,
                    outcome,
                    reason: reason.to_owned(),
                })
                .collect::<Vec<_>>()
        };
        let phases = self.protocol.phases.iter().copied();
        let mut failures: Vec<_> = phases.zip(&self.phases).flat_map(of_phase).collect();
        failures.sort_by_key(|failure| std::cmp::Reverse(failure.count));
        failures
    }

    /// As [`super::Recorder::snapshot`].
    pub(super) fn snapshot(&self) -> Snapshot {
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

    /// The run's result with its latency histograms. `offered` is how many tasks the run asked for, where that was counted.
    pub(super) fn finish(
        mut self,
        facts: RunFacts,
        journal_error: Option<String>,
        offered: Option<u64>,
    ) -> (RunResult, Histograms) {
        let load = LoadWindow {
            setup_end_us: facts.setup_end,
            start_us: facts.load_start,
            last_end_us: self.last_end,
            last_inclusion_us: self.last_inclusion,
        };
        let SplitTimes {
            setup,
            main,
            apart,
            parts,
        } = self.windowed.divide(facts.load_start);
        let mut phases = BTreeMap::new();
        for (phase, tally) in self.protocol.phases.iter().copied().zip(self.phases) {
            let times = if phase.is_setup() { &setup } else { &main };
            let result = tally.finish(&times.response[phase.index()], &times.service[phase.index()]);
            phases.insert(phase, result);
        }
        let task_phases = self.protocol.spans.iter().map(|span| {
            let duration_us = main.spans[span.index()].stats();
            (*span, SpanResult { duration_us })
        });
        let task_phases = task_phases.collect();
        let generator = GeneratorResult {
            lateness_us: main.lateness.stats(),
        };
        let rates = rates(&main, &self.ends, facts.load_start, parts.as_ref());
        let mut histograms = Histograms::default();
        setup.push("", &mut histograms);
        main.push("", &mut histograms);
        for (part, times) in apart {
            times.push(&format!("{}.", part.name()), &mut histograms);
        }
        let functions = self
            .protocol
            .functions
            .iter()
            .filter_map(|function| {
                let tally = std::mem::take(&mut self.functions[function.index()]);
                Some((*function, tally.finish()?))
            })
            .collect();
        let result = RunResult {
            schema_version: SCHEMA_VERSION,
            protocol: self.protocol,
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
            tasks: self.tasks.finish(offered),
            transactions: self.counts,
            phases,
            functions,
            task_phases,
            generator,
            blocks: self.blocks.finish(),
            node: facts.node,
            invariants: InvariantResult {
                checked: facts.checked,
                violated: self.violated.values().sum(),
                violated_by_invariant: self.violated,
                violations: self.violations,
            },
            misbehaviour: self.misbehaviour.finish(),
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

/// The rates of the main window of the load; tasks of other windows that end in its steady state count there, too.
fn rates(main: &Times, ends: &Ends, load_start: Option<Micros>, parts: Option<&WindowsResult>) -> Rates {
    let start = parts.map_or(load_start, |parts| parts.main_from_us);
    let arrivals = main.arrivals.window();
    let steady_state = arrivals.and_then(|arrivals| {
        // A run fills from its first arrival on, also where that belongs to the warm-up.
        let first = load_start.map_or(arrivals.first_us, |start| start.min(arrivals.first_us));
        let task_time = main.total().quantile(0.9)?;
        let filled = Micros(first.0.saturating_add(task_time)).max(arrivals.first_us);
        let (from_us, to_us, tasks_ended) = ends.between(filled, arrivals.last_us)?;
        let steady_state = SteadyState {
            from_us,
            to_us,
            tasks_ended,
        };
        steady_state
            .is_long_enough(arrivals.length_us())
            .then_some(steady_state)
    });
    Rates {
        tasks_offered_per_s: arrivals.and_then(|arrivals| {
            let later = arrivals.tasks - arrivals.tasks_at_first;
            per_second(later, Some(arrivals.first_us), Some(arrivals.last_us))
        }),
        tasks_steady_per_s: steady_state.and_then(|steady_state| {
            per_second(
                steady_state.tasks_ended,
                Some(steady_state.from_us),
                Some(steady_state.to_us),
            )
        }),
        tasks_per_s: per_second(main.ended, start, main.last_end),
        transactions_per_s: per_second(main.in_blocks, start, main.last_inclusion),
        arrivals,
        steady_state,
    }
}

/// Events per second from one moment to a later one.
fn per_second(events: u64, from: Option<Micros>, to: Option<Micros>) -> Option<f64> {
    let time_us = to?.since(from?);
    (time_us > 0).then(|| rounded_to_digits(events as f64 * 1e6 / time_us as f64))
}

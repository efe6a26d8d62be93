//! The status of a run: open tasks, transactions in flight, failures, progress.

use super::Engine;
use crate::{
    protocol::{ChainState, Protocol, TaskPhase},
    record::Recorder,
    time::Micros,
};

/// After how many seconds without a block that is worth saying.
const NO_BLOCK_S: u64 = 10;
/// The number of kinds of failure that are named.
const CAUSES: usize = 3;

impl<P: Protocol> Engine<P> {
    /// Lets the recorder know that time passed without anything to record.
    pub fn tick(&mut self, now: Micros) {
        self.recorder.tick(now);
        self.recheck(now);
    }

    /// Transactions under way.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.pending.len()
    }

    /// The first failure of a setup transaction.
    #[must_use]
    pub fn setup_failure(&self) -> Option<&str> {
        self.setup_failure.as_deref()
    }

    /// Whether everybody has submitted all that it will.
    #[must_use]
    pub const fn load_over(&self) -> bool {
        self.done_submitting == self.actors.submitters()
    }

    /// Whether every task that was submitted is over: ended, failed, or never queued.
    #[must_use]
    pub const fn tasks_over(&self) -> bool {
        self.submissions.over() == self.submissions.count()
    }

    /// The number of tasks that are open, and where they stand.
    #[must_use]
    pub fn open_tasks(&self) -> String {
        let open = self.submissions.count() - self.submissions.over();
        let in_phase = |phase: TaskPhase| (self.tasks_in(phase), phase.name());
        let phases: Vec<String> = self
            .schema
            .open_phases()
            .map(in_phase)
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{count} in {name}"))
            .collect();
        match (open, phases.as_slice()) {
            (0, _) => "no task was open, but not all was read,".to_owned(),
            (open, []) => format!("{open} tasks were still open"),
            (open, phases) => format!("{open} tasks were still open ({})", phases.join(", ")),
        }
    }

    /// What may have kept tasks from ending, as far as the run can tell: the most frequent first.
    #[must_use]
    pub fn causes(&self, now: Micros) -> Vec<String> {
        let mut causes = Vec::new();
        let silent = now.since(self.last_block) / 1_000_000;
        if silent >= NO_BLOCK_S {
            causes.push(format!("no new block for {silent} s"));
        }
        let failures = self.recorder.failures();
        let named = failures.iter().take(CAUSES).map(|failure| {
            let (phase, outcome) = (failure.phase.name(), failure.outcome);
            format!(
                "{} transactions of {phase} were {outcome}: {}",
                failure.count, failure.reason
            )
        });
        causes.extend(named);
        causes
    }

    /// The number of submissions that were included in blocks and queued no task, which contracts without code do.
    #[must_use]
    pub const fn submissions_without_task(&self) -> u64 {
        self.without_task
    }

    /// When the last submission was meant to be sent, or is planned to be if an owner waits for one.
    #[must_use]
    pub const fn last_submission(&self) -> Micros {
        self.last_submission
    }

    /// Whether nothing that the run asked for is still open.
    #[must_use]
    pub fn at_rest(&self) -> bool {
        self.pending.is_empty() && self.doubts.is_idle() && self.reads == 0 && self.tasks_over()
    }

    /// How many submitted tasks stand where in their lifecycle.
    #[must_use]
    pub fn tasks_in(&self, phase: TaskPhase) -> u64 {
        if phase.index() > 0 {
            return self.state.in_phase(phase);
        }
        let phases = self.schema.task_phases.iter();
        let queued: u64 = phases.map(|phase| self.state.in_phase(*phase)).sum();
        let begun = self.submissions.count() - self.submissions.dropped();
        begun.saturating_sub(queued)
    }

    /// What was recorded so far.
    #[must_use]
    pub const fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// As [`ActorRegistry::draws`](crate::driver::ActorRegistry::draws).
    #[must_use]
    pub fn draws(&self) -> u64 {
        self.actors.draws()
    }

    /// The contracts that the run drives.
    #[must_use]
    pub const fn contracts(&self) -> &P::Contracts {
        &self.contracts
    }
}

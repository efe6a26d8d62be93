//! The run lifecycle, a state machine: actors are set up stage by stage, tasks run, and the end state is audited.

use std::time::Duration;

use super::Engine;
use crate::{
    fault::FaultLog,
    plan::Plan,
    protocol::Protocol,
    record::{NodeResult, Progress, StopReason},
    scenario::Scenario,
    time::Micros,
};

/// The condition under which a run ends.
#[derive(Clone, Copy, Debug)]
pub struct EndCondition {
    /// Whether it is over with its tasks; if not, it goes on until stopped.
    pub ends: bool,
    /// Tasks that the plan submits in all; `None` if that is open.
    pub tasks: Option<u64>,
    /// How long after the last submission open tasks are waited for.
    pub drain: Duration,
}

impl EndCondition {
    /// No tasks of the run's own, and no end but somebody's wish.
    pub const UNTIL_STOPPED: Self = Self {
        ends: false,
        tasks: None,
        drain: Duration::MAX,
    };

    /// The end condition of a run of `plan`, which is that of `scenario`.
    #[must_use]
    pub const fn of(scenario: &Scenario, plan: &Plan) -> Self {
        Self {
            ends: true,
            tasks: plan.tasks,
            drain: scenario.limits.drain,
        }
    }
}

/// The end of a run, beside its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The reason why it stopped.
    pub reason: StopReason,
    /// The explanation.
    pub message: Option<String>,
    /// When it stopped.
    pub at: Micros,
    /// When setup ended; `None` if it never did.
    pub setup_end: Option<Micros>,
    /// When the load began.
    pub load_start: Option<Micros>,
    /// Whether all that the chain says of the tasks and the money was read at the end.
    pub audited: bool,
    /// Troubles with the node; `None` where there is none.
    pub node: Option<NodeResult>,
    /// The faults that happened; `None` where none were asked for.
    pub faults: Option<FaultLog>,
}

impl Ended {
    /// The end of a run that was stopped before anything of it began.
    #[must_use]
    pub const fn before_it_began(at: Micros) -> Self {
        Self {
            reason: StopReason::Interrupted,
            message: None,
            at,
            setup_end: None,
            load_start: None,
            audited: false,
            node: None,
            faults: None,
        }
    }
}

/// The state machine of a run.
#[derive(Debug)]
pub(super) struct Lifecycle {
    end_condition: EndCondition,
    state: RunState,
    setup_end: Option<Micros>,
    load_start: Option<Micros>,
    /// Whether those that the load kept busy were notified that it is over.
    closed: bool,
    audited: bool,
}

/// A state of the run lifecycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RunState {
    /// So many stages of setup were begun.
    Setup(usize),
    /// Tasks are submitted and worked on.
    Load,
    /// All tasks are over; what the chain says of them is read.
    Audit,
}

impl Lifecycle {
    pub(super) const fn new(end_condition: EndCondition) -> Self {
        Self {
            end_condition,
            state: RunState::Setup(0),
            setup_end: None,
            load_start: None,
            closed: false,
            audited: false,
        }
    }

    /// The current state.
    pub(super) const fn state(&self) -> RunState {
        self.state
    }

    /// Whether setup is done.
    pub(super) const fn is_setup_done(&self) -> bool {
        self.setup_end.is_some()
    }

    /// Whether everybody knows that the load is over.
    pub(super) const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Goes on to the next state once nothing of this one is open. Says why the run is over, when it is. Up to the chain's time
    /// `withheld`, in seconds since the Unix epoch, no task had to end; `None` if none has to yet.
    pub(super) fn advance<P: Protocol>(
        &mut self,
        engine: &mut Engine<P>,
        now: Micros,
        withheld: Option<u64>,
    ) -> Option<(StopReason, Option<String>)> {
        if self.state < RunState::Load
            && let Some(failure) = engine.setup_failure()
        {
            return Some((StopReason::Failed, Some(format!("setup failed: {failure}"))));
        }
        if self.state == RunState::Load
            && !self.closed
            && self.end_condition.ends
            && engine.load_over()
            && engine.tasks_over()
        {
            self.closed = true;
            engine.close_load(now);
        }
        if !engine.at_rest() {
            return self.out_of_time(engine, now, withheld);
        }
        match self.state {
            RunState::Setup(begun) if engine.set_up(begun, now) => self.state = RunState::Setup(begun + 1),
            RunState::Setup(_) => {
                self.setup_end = Some(now);
                self.load_start = Some(now);
                engine.begin_load(now);
                self.state = RunState::Load;
            }
            RunState::Load if self.closed => {
                engine.audit();
                self.state = RunState::Audit;
            }
            RunState::Load => return self.out_of_time(engine, now, withheld),
            RunState::Audit => {
                self.audited = engine.close_audit();
                return Some((StopReason::Finished, None));
            }
        }
        None
    }

    /// The run is out of time when long enough after the last submission there are still tasks open.
    fn out_of_time<P: Protocol>(
        &self,
        engine: &mut Engine<P>,
        now: Micros,
        withheld: Option<u64>,
    ) -> Option<(StopReason, Option<String>)> {
        self.load_start?;
        if !self.end_condition.ends || now <= engine.last_submission() + self.end_condition.drain {
            return None;
        }
        if let Some(withheld) = withheld {
            engine.check_liveness(withheld);
        }
        let waited = self.end_condition.drain.as_secs();
        let open = engine.open_tasks();
        let mut message = format!("{open} {waited} s after the last submission");
        let withholds = "a fault still keeps transactions or blocks back, so that liveness was not checked";
        let fault = withheld.is_none().then(|| withholds.to_owned());
        for cause in engine.causes(now).into_iter().chain(fault) {
            message.push_str("; ");
            message.push_str(&cause);
        }
        Some((StopReason::TimedOut, Some(message)))
    }

    /// How the run went, now that it ended.
    pub(super) const fn ended(&self, reason: StopReason, message: Option<String>, at: Micros) -> Ended {
        Ended {
            reason,
            message,
            at,
            setup_end: self.setup_end,
            load_start: self.load_start,
            audited: self.audited,
            node: None,
            faults: None,
        }
    }

    /// The progress of the run.
    pub(super) fn progress<P: Protocol>(&self, engine: &Engine<P>, now: Micros) -> Progress {
        let tasks = engine
            .schema()
            .task_phases
            .iter()
            .map(|phase| (*phase, engine.tasks_in(*phase)));
        Progress {
            elapsed: now,
            real: None,
            tasks: tasks.collect(),
            tasks_planned: self.end_condition.tasks,
            in_flight: engine.in_flight() as u64,
            recorded: engine.recorder().snapshot(),
        }
    }
}

//! The course of a run: miners register, owners open their sessions, the load begins, and the books are audited.

use std::time::Duration;

use super::Engine;
use crate::{
    actor::Input,
    plan::Plan,
    protocol::{Role, TaskPhase},
    record::{NodeResult, Progress, StopReason},
    scenario::Scenario,
    time::Micros,
};

/// How far a run is to go.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    /// Whether it is over with its tasks; if not, it goes on until stopped.
    pub ends: bool,
    /// Tasks that the plan submits in all; `None` if that is open.
    pub tasks: Option<u64>,
    /// How long after the last submission open tasks are waited for.
    pub drain: Duration,
}

impl Course {
    /// No tasks of the run's own, and no end but somebody's wish.
    pub const UNTIL_STOPPED: Self = Self {
        ends: false,
        tasks: None,
        drain: Duration::MAX,
    };

    /// The course of a run of `plan`, which is that of `scenario`.
    #[must_use]
    pub const fn of(scenario: &Scenario, plan: &Plan) -> Self {
        Self {
            ends: true,
            tasks: plan.tasks,
            drain: scenario.limits.drain,
        }
    }
}

/// How a run went, beside its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Why it stopped.
    pub reason: StopReason,
    /// What there is to say about that.
    pub message: Option<String>,
    /// When it stopped.
    pub at: Micros,
    /// When the scene was set; `None` if it never was.
    pub setup_end: Option<Micros>,
    /// When the load began.
    pub load_start: Option<Micros>,
    /// Whether all that the chain says of the tasks and the money was read at the end.
    pub audited: bool,
    /// Troubles with the node; `None` where there is none.
    pub node: Option<NodeResult>,
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
        }
    }
}

/// Where a run is on its course.
#[derive(Debug)]
pub(super) struct Stages {
    course: Course,
    stage: Stage,
    setup_end: Option<Micros>,
    load_start: Option<Micros>,
    /// Whether those that the load kept busy were told that it is over.
    closed: bool,
    audited: bool,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Nothing has begun.
    Start,
    /// Miners register.
    Miners,
    /// Owners whose sessions reserve their miners open them, while nobody shares those.
    Reserving,
    /// The other owners open their sessions and deposit.
    Owners,
    /// Tasks are submitted and worked on.
    Load,
    /// All tasks are over; what the chain says of them is read.
    Audit,
}

impl Stages {
    pub(super) const fn new(course: Course) -> Self {
        Self {
            course,
            stage: Stage::Start,
            setup_end: None,
            load_start: None,
            closed: false,
            audited: false,
        }
    }

    /// How far the run is.
    pub(super) const fn stage(&self) -> Stage {
        self.stage
    }

    /// Whether miners are registered and sessions open.
    pub(super) const fn scene_is_set(&self) -> bool {
        self.setup_end.is_some()
    }

    /// Goes on to the next stage once nothing of this one is open. Says why the run is over, when it is.
    pub(super) fn advance(
        &mut self,
        engine: &mut Engine,
        now: Micros,
    ) -> Option<(StopReason, Option<String>)> {
        if self.stage < Stage::Load
            && let Some(failure) = engine.setup_failure()
        {
            return Some((
                StopReason::Failed,
                Some(format!("the scene could not be set: {failure}")),
            ));
        }
        if self.stage == Stage::Load
            && !self.closed
            && self.course.ends
            && engine.load_over()
            && engine.tasks_over()
        {
            self.closed = true;
            engine.close_load(now);
        }
        if !engine.at_rest() {
            return self.out_of_time(engine, now);
        }
        match self.stage {
            Stage::Start => {
                engine.tell_all(Role::Miner, now, Input::SetUp);
                self.stage = Stage::Miners;
            }
            Stage::Miners => {
                let reserving = engine.owners(true);
                if reserving.is_empty() {
                    self.open_sessions(engine, now);
                } else {
                    engine.tell_each(&reserving, now, Input::SetUp);
                    self.stage = Stage::Reserving;
                }
            }
            Stage::Reserving => self.open_sessions(engine, now),
            Stage::Owners => {
                self.setup_end = Some(now);
                self.load_start = Some(now);
                engine.begin_load(now);
                self.stage = Stage::Load;
            }
            Stage::Load if self.closed => {
                engine.audit();
                self.stage = Stage::Audit;
            }
            Stage::Load => return self.out_of_time(engine, now),
            Stage::Audit => {
                self.audited = engine.close_audit();
                return Some((StopReason::Finished, None));
            }
        }
        None
    }

    /// Owners whose sessions share miners open them.
    fn open_sessions(&mut self, engine: &mut Engine, now: Micros) {
        engine.tell_each(&engine.owners(false), now, Input::SetUp);
        self.stage = Stage::Owners;
    }

    /// The run is out of time when long enough after the last submission there are still tasks open.
    fn out_of_time(&self, engine: &mut Engine, now: Micros) -> Option<(StopReason, Option<String>)> {
        self.load_start?;
        if !self.course.ends || now <= engine.last_submission() + self.course.drain {
            return None;
        }
        engine.judge_liveness();
        let waited = self.course.drain.as_secs();
        let open = engine.open_tasks();
        let mut message = format!("{open} {waited} s after the last submission");
        for cause in engine.causes(now) {
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
        }
    }

    /// How things stand.
    pub(super) fn progress(&self, engine: &Engine, now: Micros) -> Progress {
        let tasks = TaskPhase::ALL
            .into_iter()
            .map(|phase| (phase, engine.tasks_in(phase)));
        Progress {
            elapsed: now,
            real: None,
            tasks: tasks.collect(),
            tasks_planned: self.course.tasks,
            in_flight: engine.in_flight() as u64,
            recorded: engine.recorder().snapshot(),
        }
    }
}

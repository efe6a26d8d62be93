//! The order of a run: miners register, owners open their sessions, the load begins, and the books are audited.

use super::Driver;
use crate::{actor::Input, protocol::Role, record::StopReason};

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Nothing has begun.
    #[default]
    Start,
    /// Miners register.
    Miners,
    /// Owners open their sessions and deposit.
    Owners,
    /// Tasks are submitted and worked on.
    Load,
    /// All tasks are over; what the chain says of them is read.
    Audit,
}

impl Driver {
    /// Goes on to the next stage once nothing of this one is open. Says why the run is over, when it is.
    pub(super) fn advance(&mut self) -> Option<(StopReason, Option<String>)> {
        let now = self.settings.clock.now();
        if self.stage < Stage::Load
            && let Some(failure) = self.engine.setup_failure()
        {
            return Some((
                StopReason::Failed,
                Some(format!("the scene could not be set: {failure}")),
            ));
        }
        if !self.engine.at_rest() {
            return self.out_of_time();
        }
        match self.stage {
            Stage::Start => {
                self.engine.tell_all(Role::Miner, now, Input::SetUp);
                self.stage = Stage::Miners;
            }
            Stage::Miners => {
                self.engine.tell_all(Role::Owner, now, Input::SetUp);
                self.stage = Stage::Owners;
            }
            Stage::Owners => {
                self.setup_end = Some(now);
                self.load_start = Some(now);
                for role in [Role::Oracle, Role::Miner, Role::Owner] {
                    self.engine.tell_all(role, now, Input::Begin);
                }
                self.stage = Stage::Load;
            }
            Stage::Load if self.settings.tasks == Some(self.engine.tasks_over()) => {
                self.engine.audit();
                self.stage = Stage::Audit;
            }
            Stage::Load => return self.out_of_time(),
            Stage::Audit => return Some((StopReason::Finished, None)),
        }
        None
    }

    /// The run is out of time when long enough after the last submission there are still tasks open.
    fn out_of_time(&self) -> Option<(StopReason, Option<String>)> {
        let began = self.load_start?;
        self.settings.tasks?;
        let last = (began + self.settings.last_arrival).max(self.engine.last_submission());
        if self.settings.clock.now() <= last + self.settings.drain {
            return None;
        }
        let waited = self.settings.drain.as_secs();
        Some((
            StopReason::TimedOut,
            Some(format!(
                "tasks were still open {waited} s after the last submission"
            )),
        ))
    }
}

//! The model's look at the chain's state: at the end of every run, and after every block where reads cost nothing.

use super::{super::pending::PendingTransaction, Engine};
use crate::{
    chain::Log,
    protocol::{Event, Forbidden, Model, Probe, Query, Reply, TaskKey, TaskView, TaskViewKind},
};

/// The first sessions, which are all looked at after a block that changed them.
const SESSIONS: u64 = 8;

impl Engine {
    /// Takes note of the tasks and sessions that a transaction changed.
    pub(super) fn touch(&mut self, events: &[Event], pending: Option<&PendingTransaction>) {
        if self.model.is_none() || self.history.is_some() {
            return;
        }
        let called = pending.and_then(|pending| pending.call.task());
        self.touched
            .extend(events.iter().filter_map(Event::task).chain(called));
        let sessions = events
            .iter()
            .filter(|event| event.task().is_none())
            .filter_map(Event::session)
            .filter(|session| *session < SESSIONS || session.is_power_of_two());
        self.touched_sessions.extend(sessions);
    }

    /// What to read and what to try of all that the latest block changed, some tasks and sessions of it.
    pub fn inspections(&mut self) -> (Vec<Query>, Vec<Probe>) {
        let touched = std::mem::take(&mut self.touched);
        let sessions = std::mem::take(&mut self.touched_sessions);
        let Some(model) = &self.model else {
            return (Vec::new(), Vec::new());
        };
        let tasks: Vec<TaskKey> = touched.into_iter().filter(|key| model.is_sampled(*key)).collect();
        let (mut queries, mut probes) = (Vec::new(), Vec::new());
        for key in tasks {
            queries.extend(TaskViewKind::ALL.map(|kind| Query::TaskView(key, kind)));
            queries.extend(model.miners(key).into_iter().map(Query::Earnings));
            queries.push(Query::SessionBalance(key.session));
            probes.extend(model.probes(key, self.timestamp));
        }
        for session in sessions {
            queries.extend([Query::SessionBalance(session), Query::SessionNodes(session)]);
            probes.extend(model.session_probes(session, self.timestamp));
        }
        if !queries.is_empty() {
            queries.push(Query::ContractBalance);
        }
        (queries, probes)
    }

    /// A read of [`Engine::inspections`] came back.
    pub fn inspected(&mut self, reply: &Reply) {
        self.held_against_model(reply);
    }

    /// Calls to try once that the contracts must refuse.
    pub fn forbidden(&mut self) -> Vec<Forbidden> {
        if self.forbidden_tried {
            return Vec::new();
        }
        let calls = self.model.as_ref().map(|model| model.forbidden(&self.contracts));
        let calls = calls.unwrap_or_default();
        self.forbidden_tried = !calls.is_empty();
        calls
    }

    /// A call of [`Engine::forbidden`] was not refused.
    pub fn intruded(&mut self, call: &Forbidden) {
        if let Some(model) = &mut self.model {
            model.intruded(call);
        }
    }

    /// A call of [`Engine::inspections`] was tried, with these logs, or refused for this reason.
    pub fn probed(&mut self, probe: &Probe, tried: Result<&[Log], &String>) {
        let tried = tried.map(|logs| self.events(logs)).map_err(String::as_str);
        if let Some(model) = &mut self.model {
            model.probed(probe, tried);
        }
    }

    /// Records what the inspections found.
    pub fn close_inspections(&mut self, block: u64) {
        self.record_violations(Some(block));
    }

    /// Holds a reply against the model, unless it may be of a history that is undone.
    pub(super) fn held_against_model(&mut self, reply: &Reply) {
        if !self.audit.is_complete() {
            return;
        }
        let Some(model) = &mut self.model else { return };
        match reply {
            // The model knows the hashes by the run's id of the session.
            Reply::TaskView(key, TaskView::Hashes(_))
                if self.contracts.session_on_chain(key.session) != key.session => {}
            Reply::TaskView(key, view) => model.check_task(*key, view),
            Reply::SessionBalance {
                session,
                available,
                reserved,
            } => model.check_balance(*session, [*available, *reserved]),
            Reply::Earnings { miner, earned } => model.check_earnings(*miner, *earned),
            Reply::ContractBalance(wei) => model.check_solvency(*wei),
            Reply::SessionNodes {
                session,
                own,
                shared,
                active,
            } => model.check_members(*session, own, shared, *active),
            Reply::TaskResults { .. } | Reply::TaskCount { .. } => {}
        }
    }

    /// Holds the tasks that are open when the run gives up against the time that an oracle had to end them (I7). Says
    /// nothing while transactions are under way: the chain may be what is slow.
    pub fn check_liveness(&mut self) {
        if self.pending.is_empty()
            && let Some(model) = self.model.as_mut().filter(|model| model.has_oracle())
        {
            Model::check_liveness(model, self.timestamp);
            self.record_violations(None);
        }
    }
}

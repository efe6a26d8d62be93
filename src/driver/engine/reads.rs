//! Reads of the chain's state, and the audit that they make up.

use super::{super::Command, Engine};
use crate::{
    protocol::{Invariant, Query, Reply, Role, TaskViewKind, Violation},
    record::Record,
};

impl Engine {
    /// Has read what the chain says of every session's tasks (I9) and, where there were such, of the money
    /// deposited (I6) and of the miners that sessions have to themselves (I5).
    pub fn audit(&mut self) {
        self.auditing = true;
        let sessions = self.ledger.task_counts();
        self.read(sessions.iter().map(|(session, _)| Query::TaskCount(*session)));
        if self.audit.has_deposits() || self.model.is_some() {
            let miners: Vec<_> = self
                .actors
                .all(Role::MINER)
                .map(|miner| self.actors.address(miner))
                .collect();
            self.read(
                sessions
                    .iter()
                    .map(|(session, _)| Query::SessionBalance(*session)),
            );
            self.read(miners.into_iter().map(Query::Earnings));
        }
        if let Some(model) = &self.model {
            let views: Vec<Query> = model
                .kept_tasks()
                .into_iter()
                .flat_map(|key| TaskViewKind::ALL.map(|kind| Query::TaskView(key, kind)))
                .collect();
            self.read(views.into_iter().chain([Query::ContractBalance]));
        }
        if self.ledger.has_reservations() || self.model.is_some() {
            self.read(sessions.iter().map(|(session, _)| Query::SessionNodes(*session)));
        }
    }

    /// Holds what the audit found against what was deposited. Returns whether everything that the run wanted to read
    /// could be read.
    pub fn close_audit(&mut self) -> bool {
        if let Some(violation) = self.audit.verdict() {
            self.recorder.record(&Record::Violation(violation));
        }
        self.audit.is_complete()
    }

    /// A read came back. What it says of a task that did not end yet, as far as is known, is put off until it did.
    pub fn reply(&mut self, query: Query, reply: Result<Reply, String>) {
        if let (Query::TaskResults(key), Ok(reply)) = (query, &reply)
            && self.ledger.task(key).is_some_and(|task| !task.phase.is_over())
        {
            self.early_replies.push((query, reply.clone()));
            return;
        }
        self.reads -= 1;
        self.record_violations(None);
        if let Ok(reply) = &reply {
            self.held_against_model(reply);
        }
        match &reply {
            Ok(Reply::TaskResults { key, results }) => {
                if !self.unchecked.contains(key) {
                    self.ledger.check_results(*key, results);
                }
            }
            Ok(Reply::TaskCount { session, count }) => self.ledger.check_count(*session, *count),
            Ok(Reply::SessionNodes {
                session,
                own,
                shared,
                active,
            }) if self.ledger.has_reservations() => self.ledger.check_nodes(*session, own, shared, *active),
            // The model alone knows what they must be, and the audit their sum.
            Ok(_) => {}
            Err(_) => self.audit.failed(),
        }
        if self.asks_again(query) {
            return;
        }
        match reply {
            Ok(Reply::SessionBalance {
                available, reserved, ..
            }) => self.audit.found(available + reserved),
            Ok(Reply::Earnings { earned, .. }) => self.audit.found(earned),
            Ok(_) => {}
            Err(message) => self.unread(query, message),
        }
        if let Query::TaskResults(key) = query {
            self.ledger.close(key);
        }
        self.record_violations(None);
    }

    /// A read failed for good. In this process nothing stands between the contracts and the run: they must answer. Of a
    /// node the first failure for one reason is reported at once, how many there were at the end.
    pub fn unread(&mut self, query: Query, message: String) {
        if self.history.is_none() {
            let violation = Violation {
                invariant: Invariant::AGREEMENT,
                task: query.task(),
                detail: format!("{query:?} must be answered: {message}"),
            };
            return self.record(None, &Record::Violation(violation));
        }
        let count = self.unread.entry(message.clone()).or_default();
        *count += 1;
        if *count == 1 {
            tracing::warn!("{query:?} could not be read: {message}");
        }
    }

    /// Reports how many reads failed for one reason, where it was more than one.
    pub(super) fn report_unread(&self) {
        for (message, count) in self.unread.iter().filter(|(_, count)| **count > 1) {
            tracing::warn!(
                "{count} reads failed, so that not all of the chain's state was checked: {message}"
            );
        }
    }

    /// Takes the replies that were put off.
    pub(super) fn early_replies(&mut self) {
        for (query, reply) in std::mem::take(&mut self.early_replies) {
            self.reply(query, Ok(reply));
        }
    }

    pub(super) fn read(&mut self, queries: impl Iterator<Item = Query>) {
        for query in queries {
            self.reads += 1;
            self.commands.push(Command::Read(query));
        }
    }
}

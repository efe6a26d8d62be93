//! Reads of the chain's state, and the audit that they make up.

use super::{super::Command, Engine};
use crate::{
    protocol::{ChainState, Input, Protocol, ProtocolQuery, Violation},
    record::Record,
    time::Micros,
};

impl<P: Protocol> Engine<P> {
    /// Has read what the chain says at the end of all that its events came to.
    pub fn audit(&mut self) {
        self.auditing = true;
        let queries = self.state.audit(self.actors.directory());
        self.read(queries);
    }

    /// Holds what the audit found against the events. Returns whether everything that the run wanted to read could be read.
    pub fn close_audit(&mut self) -> bool {
        let complete = self.state.close_audit();
        self.record_violations(None);
        complete
    }

    /// A read came back. If it asked for the outcome of a task whose end a reorg took back meanwhile, it is made again.
    pub fn reply(&mut self, now: Micros, query: P::Query, reply: Result<P::Reply, String>) {
        if let Some(asker) = query.asker() {
            self.reads -= 1;
            let reply = reply.as_ref().map_err(String::as_str);
            self.notify(asker, now, Input::Reply(&query, reply));
            return;
        }
        if self.is_early(&query) {
            self.early_reads.push(query);
            return;
        }
        self.reads -= 1;
        self.record_violations(None);
        let task = query.outcome_of();
        match &reply {
            Ok(reply) => {
                let doubtful = task.is_some_and(|task| self.unchecked.contains(&task));
                self.state.check(&self.contracts, reply, doubtful);
            }
            Err(_) => self.state.unreadable(),
        }
        if self.asks_again(&query) {
            return;
        }
        match reply {
            Ok(reply) => self.state.found(&reply),
            Err(message) => self.unread(&query, message),
        }
        if let Some(task) = task {
            self.state.close(task);
        }
        let reads = self.state.take_reads();
        self.read(reads);
        self.record_violations(None);
        let mut due = Vec::new();
        self.state.resume(self.actors.directory(), &mut due);
        for (actor, timer) in due {
            self.notify(actor, now, Input::Timer(timer));
        }
    }

    /// A read failed for good. In this process nothing stands between the contracts and the run: they must answer. Of a
    /// node the first failure for one reason is reported at once, how many there were at the end.
    pub fn unread(&mut self, query: &P::Query, message: String) {
        if self.history.is_none() {
            let violation = Violation {
                invariant: self.schema.answers,
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

    /// Has these reads made. That of the outcome of a task waits until the task's end is entered.
    pub(super) fn read(&mut self, queries: impl IntoIterator<Item = P::Query>) {
        for query in queries {
            self.reads += 1;
            if self.is_early(&query) {
                self.early_reads.push(query);
            } else {
                self.commands.push(Command::Read(query));
            }
        }
    }

    /// Has the reads made that waited.
    pub(super) fn make_early_reads(&mut self) {
        let waiting = std::mem::take(&mut self.early_reads);
        self.reads -= waiting.len() as u64;
        self.read(waiting);
    }

    fn is_early(&self, query: &P::Query) -> bool {
        let phase = query.outcome_of().and_then(|task| self.state.phase(task));
        phase.is_some_and(|phase| !phase.is_over())
    }
}

//! A look at the chain's state after every block, where reads cost nothing.

use super::Engine;
use crate::{
    chain::Log,
    protocol::{ChainState, DeployedContracts, Protocol, Trial},
};

impl<P: Protocol> Engine<P> {
    /// What to read and what to try of all that the latest block changed.
    pub fn inspections(&mut self) -> (Vec<P::Query>, Vec<Trial<P>>) {
        self.state.inspections(&self.contracts)
    }

    /// What is to be read next, on account of what was.
    pub fn further_inspections(&mut self) -> Vec<P::Query> {
        self.state.further_inspections()
    }

    /// A read of [`Engine::inspections`] came back.
    pub fn inspected(&mut self, query: &P::Query, reply: Result<P::Reply, String>) {
        match reply {
            Ok(reply) => self.state.inspected(&self.contracts, &reply),
            Err(message) => self.unread(query, message),
        }
    }

    /// A call of [`Engine::inspections`] was tried, with these logs, or refused for this reason.
    pub fn tried(&mut self, trial: &Trial<P>, outcome: Result<Vec<Log>, String>) {
        let events = outcome.map(|logs| {
            logs.iter()
                .filter_map(|log| Some(self.contracts.of_run(self.contracts.decode(log)?)))
                .collect()
        });
        match events {
            Ok(events) => self.state.tried(trial, Ok(events)),
            Err(reason) => self.state.tried(trial, Err(&reason)),
        }
    }

    /// Records what the inspections found.
    pub fn close_inspections(&mut self, block: u64) {
        self.record_violations(Some(block));
    }

    /// Holds the tasks that are open when the run gives up against the time in which they had to end. Says nothing while
    /// transactions are under way, since the chain may be what is slow, or where those that end tasks are dishonest.
    pub fn check_liveness(&mut self) {
        let watchers = self.schema.watcher;
        let honest = watchers.is_none_or(|role| self.actors.are_honest(role));
        if honest && self.pending.is_empty() {
            self.state.check_liveness();
            self.record_violations(None);
        }
    }
}

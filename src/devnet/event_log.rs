//! The event log of a devnet, a line per event.

use crate::{
    chain::Block,
    driver::RunObserver,
    protocol::{Contracts, Event},
    record::Progress,
};

/// Logs events, and calls `ready` when setup is done.
pub(super) struct EventLog<F> {
    ready: Option<F>,
}

impl<F: FnOnce()> EventLog<F> {
    pub(super) fn new(ready: F) -> Self {
        Self { ready: Some(ready) }
    }
}

impl<F: FnOnce()> RunObserver for EventLog<F> {
    fn progress(&mut self, _: &Progress) {}

    fn setup_done(&mut self) {
        if let Some(ready) = self.ready.take() {
            ready();
        }
    }

    fn block(&mut self, block: &Block, contracts: &Contracts) {
        let logs = block.receipts.iter().flat_map(|receipt| &receipt.logs);
        for event in logs.filter_map(|log| contracts.decode(log)) {
            if let Some(line) = line(&event) {
                tracing::info!("{line}");
            }
        }
    }
}

/// What there is to say about an event; `None` for the steps on the way.
fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::SessionCreated {
            session,
            owner,
            miners,
        } => format!(
            "session {session} created by {owner}, {}",
            count(miners.len(), "miner")
        ),
        Event::TaskAssigned { key, miners } => {
            format!("{key} queued, assigned to {}", count(miners.len(), "miner"))
        }
        Event::TaskEnded { key, miners } => {
            format!("{key} ended with {}", count(miners.len(), "result"))
        }
        _ => return None,
    })
}

/// `1 miner`, `2 miners`
fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

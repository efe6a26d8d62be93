//! The event log of a devnet, a line per event.

use crate::{chain::Block, driver::RunObserver, protocol::Contracts, record::Progress};

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
            if let Some(line) = event.headline() {
                tracing::info!("{line}");
            }
        }
    }
}

//! The event log of a devnet, a line per event.

use crate::{driver::RunObserver, record::Progress};

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

    fn wants_headlines(&self) -> bool {
        true
    }

    fn headline(&mut self, line: &str) {
        tracing::info!("{line}");
    }
}

//! The observer of a run: callbacks for progress, the end of setup and new blocks.

use crate::{chain::Block, protocol::Contracts, record::Progress};

/// Callbacks from a run. They are called between two steps of the run, so they must be short.
///
/// A function of the progress alone is an observer, too.
pub trait RunObserver {
    /// Progress, several times a second and once at the end.
    fn progress(&mut self, progress: &Progress);

    /// Setup is done: miners are registered, sessions open, and the load begins.
    fn setup_done(&mut self) {}

    /// The chain has a new block, of which the actors are notified next.
    fn block(&mut self, block: &Block, contracts: &Contracts) {
        let _ = (block, contracts);
    }
}

impl<F: FnMut(&Progress)> RunObserver for F {
    fn progress(&mut self, progress: &Progress) {
        self(progress);
    }
}

//! Who watches a run.

use crate::{chain::Block, protocol::Contracts, record::Progress};

/// Somebody who is told how a run goes. It is called between two steps of the run, so it should not take long.
///
/// A function of the progress alone is an audience, too.
pub trait Audience {
    /// How things stand, some times a second and once at the end.
    fn progress(&mut self, progress: &Progress);

    /// The scene is set: miners are registered, sessions open, and the load begins.
    fn scene_set(&mut self) {}

    /// The chain has a new block, which the actors will be told of next.
    fn block(&mut self, block: &Block, contracts: &Contracts) {
        let _ = (block, contracts);
    }
}

impl<F: FnMut(&Progress)> Audience for F {
    fn progress(&mut self, progress: &Progress) {
        self(progress);
    }
}

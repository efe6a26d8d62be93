//! The observer of a run: callbacks for progress, the end of setup and the events of new blocks.

use crate::record::Progress;

/// Callbacks from a run. They are called between two steps of the run, so they must be short.
///
/// A function of the progress alone is an observer, too.
pub trait RunObserver {
    /// Progress, several times a second and once at the end.
    fn progress(&mut self, progress: &Progress);

    /// Setup is done, and the load begins.
    fn setup_done(&mut self) {}

    /// Whether lines about events are wanted.
    fn wants_headlines(&self) -> bool {
        false
    }

    /// A line about an event of a new block, for people.
    fn headline(&mut self, line: &str) {
        let _ = line;
    }
}

impl<F: FnMut(&Progress)> RunObserver for F {
    fn progress(&mut self, progress: &Progress) {
        self(progress);
    }
}

//! Submissions without a transaction: a task is open from the moment at which its submitter signs it.

use super::Engine;
use crate::{
    protocol::{ActorId, Announced, ChainState, Input, Protocol},
    record::TaskOutcome,
    time::Micros,
};

impl<P: Protocol> Engine<P> {
    /// Enters a task that its submitter signs off the chain; drops one that may not be in flight beside those that are. No reorg
    /// takes it back.
    pub(super) fn announce(&mut self, actor: ActorId, call: &P::Call, intended: Micros) {
        if self.drops(actor, call, intended) {
            return;
        }
        let Some(submission) = self.submission_of(actor, call, intended) else {
            return;
        };
        let announced = Announced {
            from: self.actors.directory().address(actor),
            call,
            submission,
            at: intended,
        };
        let mut due = Vec::new();
        self.state.announce(&announced, self.actors.directory(), &mut due);
        if let Some(history) = &mut self.history {
            history.announce(&announced, self.actors.directory());
        }
        if let Some(reason) = self.state.take_refused(submission) {
            self.never_queued(submission, TaskOutcome::Failed(reason), None);
        }
        let reads = self.state.take_reads();
        self.read(reads);
        for (actor, timer) in due {
            self.notify(actor, intended, Input::Timer(timer));
        }
    }
}

//! Tasks whose key their submitter says: signed off the chain, or opened by a call that no event tells.

use super::{
    super::{
        protocol::{Profile, ProfileTimer},
        world::task_key,
    },
    ProfileState,
    apply::Cause,
};
use crate::protocol::{ActorId, Announced, Directory};

impl ProfileState {
    /// Opens a task that is signed off the chain, and adds the actors that act on account of that.
    pub(super) fn open_signed(
        &mut self,
        announced: &Announced<'_, Profile>,
        actors: &Directory,
        due: &mut Vec<(ActorId, ProfileTimer)>,
    ) {
        let Some(words) = &announced.call.opens else {
            return;
        };
        // What a block is being entered made due is for its end.
        let of_block = self.triggered.len();
        let seen = std::mem::replace(&mut self.latest.seen, announced.at);
        let mut cause = Cause {
            opener: Some((announced.from, Some(announced.submission))),
            task: None,
            taken: None,
        };
        self.predicted += 1;
        self.open(task_key(words), words, &mut cause);
        if !self.refuse(announced.from, announced.call, &cause) {
            self.include(announced.from, announced.call, &[]);
            self.settle(task_key(words));
        }
        self.latest.seen = seen;
        for triggered in self.triggered.split_off(of_block) {
            if self.must_wait(triggered) {
                self.waiting.push((triggered, None));
            } else {
                self.fall_to_actors(triggered, actors, due);
            }
        }
    }

    /// Warns if no event was about any of the tasks whose keys rules said, though the profile has events that tell a key.
    pub(super) fn doubt_predictions(&self) {
        let definition = &self.world.definition;
        let tells = definition.logged_events().any(|event| event.key.is_some());
        if self.predicted > 0 && tells && !self.spoken_of {
            self.world.warn(&format!(
                "no event was about any of the {} tasks whose key `opens` says: hold its formula to the contract's",
                self.predicted
            ));
        }
    }
}

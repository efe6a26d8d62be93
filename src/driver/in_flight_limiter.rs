//! The in-flight limiter: at most so many tasks of a group of owners in flight at once.

use crate::protocol::ActorId;

/// Counts the tasks in flight of each group of owners against what the group allows.
#[derive(Clone, Debug, Default)]
pub(super) struct InFlightLimiter {
    /// The group of each owner.
    groups: Vec<u32>,
    /// The most of each group; `None` for no limit.
    most: Vec<Option<u32>>,
    in_flight: Vec<u32>,
}

impl InFlightLimiter {
    /// A limiter of submitters of these groups, of which each allows so many, with nothing in flight.
    pub(super) fn new(groups: Vec<u32>, most: Vec<Option<u32>>) -> Self {
        Self {
            in_flight: vec![0; most.len()],
            groups,
            most,
        }
    }

    /// The number of submitters.
    pub(super) const fn submitters(&self) -> usize {
        self.groups.len()
    }

    fn group(&self, owner: ActorId) -> usize {
        self.groups[owner.index as usize] as usize
    }

    /// Whether one more task of this owner's group may be in flight.
    pub(super) fn allows(&self, owner: ActorId) -> bool {
        let group = self.group(owner);
        self.most[group].is_none_or(|most| self.in_flight[group] < most)
    }

    /// A task of this owner is in flight.
    pub(super) fn enter(&mut self, owner: ActorId) {
        let group = self.group(owner);
        self.in_flight[group] += 1;
    }

    /// A task of this owner is over.
    pub(super) fn leave(&mut self, owner: ActorId) {
        let group = self.group(owner);
        self.in_flight[group] = self.in_flight[group].saturating_sub(1);
    }
}

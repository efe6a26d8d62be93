//! Deadlines: rules and transitions that fall due by the chain's time or height.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    super::{World, no_draws::NoDraws},
    ProfileState,
};
use crate::protocol::{
    TaskKey,
    profile::{
        definition::{Definition, Moment, Transition},
        expression::{Answers, Expression},
        rule::Trigger,
    },
};

/// The earliest time that a chain may have, in seconds since the Unix epoch, and more blocks than any chain has: the year 2001.
const EARLIEST: u64 = 1_000_000_000;
/// The year 3000.
const LATEST: u64 = 32_503_680_000;

/// Something of a profile that falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Timed {
    what: What,
    /// Whether by the chain's height; by its time if not.
    by_block: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Transition(usize),
    Rule(u16),
}

impl Timed {
    /// Everything of a profile that falls due: transitions before rules.
    pub(in super::super) fn all(definition: &Definition) -> Vec<Self> {
        let transitions = definition.transitions.iter().enumerate();
        let transitions = transitions.filter_map(|(place, transition)| {
            let by_block = match transition.at {
                Moment::Time(_) => false,
                Moment::Block(_) => true,
                Moment::When(_) => return None,
            };
            let what = What::Transition(place);
            Some(Self { what, by_block })
        });
        let rules = (0..).zip(&definition.rules).filter_map(|(place, rule)| {
            let by_block = match rule.trigger {
                Trigger::Time(_) => false,
                Trigger::Block(_) => true,
                _ => return None,
            };
            let what = What::Rule(place);
            Some(Self { what, by_block })
        });
        transitions.chain(rules).collect()
    }

    /// Warns of a moment that was hardly meant: a duration or milliseconds as a time, or a time as a block.
    fn check(self, at: u64, world: &World) {
        let wrong = match self.by_block {
            true if at >= EARLIEST => "a time, it seems: `block` takes a block's number",
            false if at < EARLIEST => "long ago: `time` takes seconds since 1970; add a duration to a moment",
            false if at > LATEST => "beyond the year 3000: `time` takes seconds since 1970",
            _ => return,
        };
        let key = if self.by_block { "block" } else { "time" };
        let text = self.at(&world.definition).map_or("", Expression::text);
        world.warn(&format!("{key} = \"{text}\" came to {at}, {wrong}"));
    }

    fn at(self, definition: &Definition) -> Option<&Expression> {
        match self.what {
            What::Transition(place) => match &definition.transitions[place].at {
                Moment::Time(at) | Moment::Block(at) => Some(at),
                Moment::When(_) => None,
            },
            What::Rule(place) => match &definition.rules[usize::from(place)].trigger {
                Trigger::Time(at) | Trigger::Block(at) => Some(at),
                _ => None,
            },
        }
    }
}

/// What falls due when: tasks with places of [`Timed::all`].
#[derive(Clone, Debug, Default)]
pub(super) struct Schedule {
    by_time: BTreeMap<u64, Vec<(TaskKey, u16)>>,
    by_block: BTreeMap<u64, Vec<(TaskKey, u16)>>,
}

impl Schedule {
    fn of(&mut self, timed: Timed) -> &mut BTreeMap<u64, Vec<(TaskKey, u16)>> {
        if timed.by_block {
            &mut self.by_block
        } else {
            &mut self.by_time
        }
    }

    /// Takes what is due at this time and height, in the order of the moments.
    fn take_due(&mut self, timestamp: u64, number: u64) -> Vec<(TaskKey, u16)> {
        let mut due = Vec::new();
        for (entries, now) in [(&mut self.by_time, timestamp), (&mut self.by_block, number)] {
            while let Some(entry) = entries.first_entry().filter(|entry| *entry.key() <= now) {
                due.extend(entry.remove());
            }
        }
        due
    }
}

impl ProfileState {
    /// The seconds until the next of a task falls due by the chain's time, if something does.
    pub(super) fn seconds_left(&self, key: TaskKey) -> Option<u64> {
        let (world, now) = (&self.world, self.latest.timestamp);
        let due = self.known(key)?.due.iter().zip(&world.timed);
        let by_time = due.filter(|(_, timed)| !timed.by_block);
        let later = by_time.filter_map(|(due, _)| due.map(|(at, _)| at).filter(|at| *at > now));
        later.min().map(|at| at - now)
    }

    /// Schedules all of a task that falls due, by what is known of the task now.
    pub(super) fn schedule(&mut self, key: TaskKey) {
        let world = Arc::clone(&self.world);
        for (place, timed) in world.timed.iter().enumerate() {
            let Some(task) = self.known(key).filter(|task| task.ended.is_none()) else {
                return;
            };
            let Some(at) = timed.at(&world.definition) else {
                continue;
            };
            let view = self.view(world.deployer).with_task(Some(task));
            // What has no value yet is not due, nor is what is set to zero or beyond all blocks and times.
            let at = at.evaluate(&view, &mut NoDraws::default(), &Answers::new()).ok();
            let at = at.and_then(|at| at.as_word()).filter(|at| !at.is_zero());
            let at = at.and_then(|at| u64::try_from(at).ok());
            if task.due[place].map(|(known, _)| known) == at {
                continue;
            }
            if let Some(task) = self.known_mut(key) {
                task.due[place] = at.map(|at| (at, false));
            }
            let Some(at) = at else { continue };
            timed.check(at, &world);
            self.schedule
                .of(*timed)
                .entry(at)
                .or_default()
                .push((key, place as u16));
        }
    }

    /// A task entered a phase: transitions of that phase that fell due before are due now.
    pub(super) fn due_again(&mut self, key: TaskKey, phase: usize) {
        let world = Arc::clone(&self.world);
        for (place, timed) in world.timed.iter().enumerate() {
            let What::Transition(transition) = timed.what else {
                continue;
            };
            let is_of_phase = world.definition.transitions[transition].phase == Some(phase);
            let due = self.known(key).and_then(|task| task.due[place]);
            if let Some((at, false)) = due.filter(|_| is_of_phase) {
                self.schedule
                    .of(*timed)
                    .entry(at)
                    .or_default()
                    .push((key, place as u16));
            }
        }
    }

    /// Lets happen what is due by the latest block. One thing may make another due.
    pub(super) fn fall_due(&mut self) {
        loop {
            let due = self.schedule.take_due(self.latest.timestamp, self.latest.number);
            if due.is_empty() {
                return;
            }
            for (key, place) in due {
                self.happen(key, place);
            }
        }
    }

    fn happen(&mut self, key: TaskKey, place: u16) {
        let world = Arc::clone(&self.world);
        let timed = world.timed[usize::from(place)];
        let now = if timed.by_block {
            self.latest.number
        } else {
            self.latest.timestamp
        };
        let Some(task) = self.known_mut(key).filter(|task| task.ended.is_none()) else {
            return;
        };
        let phase = task.phase;
        let Some((at, done)) = &mut task.due[usize::from(place)] else {
            return;
        };
        // It may be due at another moment since, or have been done.
        if *at > now || *done {
            return;
        }
        match timed.what {
            What::Rule(rule) => {
                *done = true;
                self.fall_to(rule, key);
            }
            What::Transition(transition) => {
                let transition = &world.definition.transitions[transition];
                if transition.phase.is_none_or(|of| of == phase) {
                    *done = true;
                    self.follow(key, transition);
                    self.settle(key);
                }
            }
        }
    }

    /// Lets a transition happen.
    pub(super) fn follow(&mut self, key: TaskKey, transition: &Transition) {
        if let Some(phase) = transition.enters {
            self.enter_phase(key, phase);
        }
        if let Some(outcome) = transition.closes {
            self.end(key, outcome);
        }
    }
}

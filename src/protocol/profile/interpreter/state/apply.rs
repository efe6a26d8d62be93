//! Events applied to their tasks, and what follows without an event.

use std::sync::Arc;

use alloy::primitives::Address;

use super::{
    super::{ProfileCall, ProfileContracts, ProfileEvent, no_draws::NoDraws, view::View},
    ProfileState, Task, Triggered,
    set::Assignment,
};
use crate::block::REORG_DEPTH;
use crate::protocol::{
    TaskKey,
    profile::{
        definition::{Effect, Moment, Origin},
        expression::{Answers, Expression, Value},
        rule::Trigger,
    },
};

/// The account that submits a task, and the run's number for the submission.
pub(super) type Opener = Option<(Address, Option<u64>)>;

/// The call of the run that caused an event; nothing of it for an event of others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cause {
    pub(super) opener: Opener,
    /// The task that the call is about.
    pub(super) task: Option<TaskKey>,
    /// A task that it was to open and that is open already.
    pub(super) taken: Option<TaskKey>,
}

impl ProfileState {
    /// The value of an expression, which `what` is; `None`, with a warning, if it has none.
    pub(super) fn evaluate(
        &self,
        expression: &Expression,
        view: &View<'_>,
        answers: &Answers,
        what: impl FnOnce() -> String,
    ) -> Option<Value> {
        match expression.evaluate(view, &mut NoDraws::default(), answers) {
            Ok(value) => Some(value),
            Err(error) => {
                self.world.warn(&format!("{}: {error}", what()));
                None
            }
        }
    }

    /// Takes note of the contracts that these events tell of. What such a contract wrote may come before that which tells of it.
    pub(super) fn note_created(&mut self, events: &[ProfileEvent]) {
        let world = Arc::clone(&self.world);
        for (place, contract) in world.definition.contracts.iter().enumerate() {
            let Origin::Created { event, address } = &contract.origin else {
                continue;
            };
            for told in events.iter().filter(|told| usize::from(told.kind) == *event) {
                let view = View {
                    event: Some(&told.arguments),
                    ..self.view(world.deployer)
                };
                let what = || format!("the address of one of the contracts {}", contract.name);
                let address = self.evaluate(address, &view, &Answers::new(), what);
                let address = address.and_then(|address| address.as_address());
                self.created.extend(address.map(|address| (address, place)));
            }
        }
    }

    /// Whether a contract of the profile wrote the event: any may have the same, of those that are created in the run.
    fn is_of_profile(&self, event: &ProfileEvent) -> bool {
        let definition = &self.world.definition;
        let contract = definition.events[usize::from(event.kind)].contract.0;
        !matches!(definition.contracts[contract].origin, Origin::Created { .. })
            || event
                .emitter()
                .is_some_and(|emitter| self.created.contains(&(emitter, contract)))
    }

    /// Enters an event, and notes whom it makes act.
    pub(super) fn apply(&mut self, contracts: &ProfileContracts, event: &ProfileEvent, cause: &mut Cause) {
        let world = Arc::clone(&self.world);
        let definition = &world.definition.events[usize::from(event.kind)];
        if definition.returned_by.is_some() && !event.opens {
            return;
        }
        if !self.is_of_profile(event) {
            return;
        }
        let decoded = event;
        let found;
        let event = match &definition.find {
            None => event,
            Some(find) => {
                let task = self.find(find, event, cause);
                let Some(task) = task.and_then(|key| self.known(key)) else {
                    if self.may_be_found(find) {
                        self.not_found.push(event.clone());
                    }
                    return;
                };
                found = event.about(task.key, &task.words);
                &found
            }
        };
        let drawn = self.count_event(event.task);
        if let Some(key) = event.task {
            for (place, effect) in definition.effects.iter().enumerate() {
                if self.applies(effect, event, key) {
                    self.take_effect(effect, place, event, key, cause);
                }
            }
            if let Some(count) = world
                .definition
                .counts
                .iter()
                .position(|kind| *kind == usize::from(event.kind))
                && let Some(task) = self.known_mut(key)
            {
                task.counts[count] += 1;
            }
            self.settle(key);
            if self.known(key).is_none() {
                return;
            }
            self.spoken_of |= definition.returned_by.is_none();
        }
        let place = self.events.len() as u32;
        self.events.push(event.clone());
        // What its task is found by may be another value since a reorg.
        let is_back = contracts.comes_back(decoded) || event.is_found && self.is_after_reorg();
        let occurred = |rule| Triggered {
            rule,
            task: event.task,
            event: Some(place),
            drawn,
            again: is_back,
        };
        let is_meant =
            |trigger: &Trigger| matches!(trigger, Trigger::Event(kind) if *kind == usize::from(event.kind));
        let meant = world.rules_of(is_meant).map(occurred);
        self.triggered.extend(meant);
    }

    /// Notes that every rule is to be followed that waits for a task to enter this phase.
    fn entered(&mut self, key: TaskKey, phase: usize) {
        let world = Arc::clone(&self.world);
        let is_meant = |trigger: &Trigger| matches!(trigger, Trigger::Entered(entered) if *entered == phase);
        for rule in world.rules_of(is_meant) {
            self.fall_to(rule, key);
        }
    }

    /// Notes that a rule is to be followed about a task, without an event.
    pub(super) fn fall_to(&mut self, rule: u16, key: TaskKey) {
        let drawn = self.known(key).map_or(0, |task| task.events);
        let again = self.is_after_reorg();
        self.triggered.push(Triggered {
            rule,
            task: Some(key),
            event: None,
            drawn,
            again,
        });
    }

    /// Whether there was a reorg not long ago.
    fn is_after_reorg(&self) -> bool {
        self.reorged
            .is_some_and(|block| self.latest.number <= block + REORG_DEPTH)
    }

    fn applies(&self, effect: &Effect, event: &ProfileEvent, key: TaskKey) -> bool {
        let Some(when) = &effect.when else { return true };
        let view = self.view_of_event(event, key);
        let truth = self.evaluate(when, &view, &Answers::new(), || {
            "a condition of an event".to_owned()
        });
        truth.and_then(|truth| truth.as_bool()) == Some(true)
    }

    pub(super) fn view_of_event<'a>(&'a self, event: &'a ProfileEvent, key: TaskKey) -> View<'a> {
        let view = self.view(self.world.deployer).with_task(self.known(key));
        View {
            event: Some(&event.arguments),
            key: Some(&event.words),
            ..view
        }
    }

    pub(super) fn known_mut(&mut self, key: TaskKey) -> Option<&mut Task> {
        self.tasks.get_mut(self.places.get(&key)?)
    }

    fn take_effect(
        &mut self,
        effect: &Effect,
        place: usize,
        event: &ProfileEvent,
        key: TaskKey,
        cause: &mut Cause,
    ) {
        if effect.opens {
            self.open(key, &event.words, cause);
        }
        let Some(task) = self.known_mut(key) else { return };
        // A task comes onto the chain once: what a later event says that opens tasks is not about this one.
        if effect.opens && std::mem::replace(&mut task.was_told, true) {
            return;
        }
        for set in 0..effect.set.len() {
            let assignment = Assignment::Event {
                event: event.clone(),
                effect: place,
                set,
            };
            self.set(key, assignment, Answers::new());
        }
        if let Some(phase) = effect.enters {
            self.enter_phase(key, phase);
        }
        if let Some(outcome) = effect.closes {
            self.end(key, outcome);
        }
    }

    /// Brings a task onto the chain, unless one with its key is open. One that had the key before and is over makes way, but not
    /// to a call of the run that submits nothing: the event is a late one of that task.
    pub(super) fn open(&mut self, key: TaskKey, words: &Arc<[Value]>, cause: &mut Cause) {
        let before = match self.known(key) {
            Some(task) if task.ended.is_none() => {
                cause.taken = Some(key);
                return;
            }
            Some(_) if matches!(cause.opener, Some((_, None))) => return,
            before => before.map(|task| task.events),
        };
        let opener = &mut cause.opener;
        let world = Arc::clone(&self.world);
        let place = self.opened;
        self.opened += 1;
        let submission = opener.as_mut().and_then(|(_, submission)| submission.take());
        let by = (opener.map(|(opener, _)| opener), submission);
        let mut task = Task::opened(&world, key, words, place, self.latest.seen, by);
        // What is drawn for it is not what was drawn for the other.
        task.events = before.map_or(0, |events| ((events >> 32) + 1) << 32);
        self.in_phase[task.phase] += 1;
        let phase = task.phase;
        self.tasks.insert(place, task);
        self.places.insert(key, place);
        for (field, definition) in world.definition.fields.iter().enumerate() {
            if let Some(initial) = &definition.initial {
                let view = self.view(world.deployer).with_task(self.known(key));
                let value = self.evaluate(initial, &view, &Answers::new(), || {
                    format!("the first value of task.{}", definition.name)
                });
                self.put(key, field, value);
            }
        }
        self.entered(key, phase);
    }

    pub(super) fn enter_phase(&mut self, key: TaskKey, phase: usize) {
        let (world, seen) = (Arc::clone(&self.world), self.latest.seen);
        let Some(task) = self.known_mut(key) else { return };
        if task.phase == phase || task.ended.is_some() {
            return;
        }
        let before = task.phase;
        task.enter(&world, phase, seen);
        self.in_phase[before] -= 1;
        self.in_phase[phase] += 1;
        self.due_again(key, phase);
        self.entered(key, phase);
    }

    pub(super) fn end(&mut self, key: TaskKey, outcome: usize) {
        let (world, seen, number) = (Arc::clone(&self.world), self.latest.seen, self.latest.number);
        let Some(task) = self.known_mut(key) else { return };
        if task.ended.is_some() {
            return;
        }
        let before = task.phase;
        task.end(&world, seen, outcome);
        let (over, place) = (task.phase, task.place);
        self.in_phase[before] -= 1;
        self.in_phase[over] += 1;
        self.over.push_back((number, place));
        self.ended.push(key);
        self.over_now.push(key);
    }

    /// Draws from what a task is now what follows without an event: conditions that came true, and when what is due.
    pub(super) fn settle(&mut self, key: TaskKey) {
        let world = Arc::clone(&self.world);
        for transition in &world.definition.transitions {
            let Moment::When(when) = &transition.at else {
                continue;
            };
            let Some(task) = self.known(key).filter(|task| task.ended.is_none()) else {
                return;
            };
            if transition.phase.is_some_and(|phase| phase != task.phase) {
                continue;
            }
            let view = self.view(world.deployer).with_task(Some(task));
            // What has no value yet is not true yet.
            let truth = when.evaluate(&view, &mut NoDraws::default(), &Answers::new());
            if truth.is_ok_and(|truth| truth.as_bool() == Some(true)) {
                self.follow(key, transition);
            }
        }
        self.schedule(key);
    }

    /// What an own call has its sender, or all, remember.
    pub(super) fn remember(&mut self, sender: Address, call: &ProfileCall, events: &[ProfileEvent]) {
        let world = Arc::clone(&self.world);
        let Some(rule) = call.rule.map(|rule| &world.definition.rules[usize::from(rule)]) else {
            return;
        };
        if let Some(remembers) = &rule.remembers {
            let Some(event) = events
                .iter()
                .find(|event| usize::from(event.kind) == remembers.event)
            else {
                world.warn(&format!(
                    "the rule {} remembers of an event that its call did not cause",
                    rule.name
                ));
                return;
            };
            let view = View {
                event: Some(&event.arguments),
                ..self.view(sender)
            };
            let values: Vec<(usize, Option<Value>)> = remembers
                .values
                .iter()
                .map(|(place, value)| {
                    let what = || format!("what the rule {} remembers", rule.name);
                    (*place, self.evaluate(value, &view, &Answers::new(), what))
                })
                .collect();
            let memory = if remembers.shared {
                &mut self.shared
            } else {
                let none = || vec![None; world.definition.actor.len()];
                self.actors.entry(sender).or_insert_with(none)
            };
            for (place, value) in values {
                memory[place] = value;
            }
        }
    }

    /// Enters what an own call made of its task, where no event tells it.
    pub(super) fn include(&mut self, from: Address, call: &ProfileCall, events: &[ProfileEvent]) {
        let world = Arc::clone(&self.world);
        let Some(rule) = call.rule.map(|rule| &world.definition.rules[usize::from(rule)]) else {
            return;
        };
        if rule.enters.is_none() && rule.closes.is_none() && rule.sets.is_empty() {
            return;
        }
        let returned = events
            .iter()
            .find(|event| rule.returned == Some(usize::from(event.kind)));
        let result = returned.and_then(|event| event.arguments.first());
        let about = call.task.or_else(|| call.opened(events));
        let call = Arc::new(call.clone());
        for key in about.into_iter().chain(call.tasks.iter().copied()) {
            self.set_by_call(key, from, &call, result);
            if let Some(phase) = rule.enters {
                self.enter_phase(key, phase);
            }
            if let Some(outcome) = rule.closes {
                self.end(key, outcome);
            }
            self.settle(key);
        }
    }

    /// Notes that a submission could not open its task, since another with its key is open. Returns whether that is so.
    pub(super) fn refuse(&mut self, from: Address, call: &ProfileCall, cause: &Cause) -> bool {
        let (Some((_, Some(submission))), Some(task)) = (cause.opener, cause.taken) else {
            return false;
        };
        let rule = call
            .rule
            .map(|rule| &self.world.definition.rules[usize::from(rule)]);
        let function = rule.map_or("the call", |rule| rule.call.function());
        let done = match rule.is_some_and(|rule| rule.is_signed) {
            true => "signed",
            false => "included",
        };
        let key = self.known(task).map(|task| task.shown_key(&self.world));
        let reason = format!(
            "{function} was {done}, and its key {} is that of a task that is open",
            key.unwrap_or_default()
        );
        self.refused.insert(submission, reason);
        self.refused_now.push(from);
        true
    }

    /// Counts an event, of a task or none. Returns how many came before; none before that which opens a task.
    fn count_event(&mut self, task: Option<TaskKey>) -> u64 {
        let count = match task {
            None => &mut self.without_task,
            Some(key) => match self.known_mut(key) {
                Some(task) => &mut task.events,
                None => return 0,
            },
        };
        *count += 1;
        *count - 1
    }
}

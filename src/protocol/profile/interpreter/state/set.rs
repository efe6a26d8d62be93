//! Fields of tasks that events and calls set, from what they say and from reads of the chain.

use std::sync::Arc;

use alloy::primitives::{Address, Bytes};

use super::{
    super::{ProfileCall, ProfileContracts, ProfileEvent, ProfileQuery, Purpose, view::View},
    ProfileState,
    apply::Cause,
};
use crate::protocol::{
    TaskKey,
    profile::{
        definition::{Definition, Find},
        expression::{Answers, Expression, Read, Value},
    },
};

/// A field that waits for reads.
#[derive(Clone, Debug)]
pub(super) struct FieldRead {
    pub(super) task: TaskKey,
    assignment: Assignment,
    answers: Answers,
    outstanding: usize,
}

/// What sets a field.
#[derive(Clone, Debug)]
pub(super) enum Assignment {
    /// An event.
    Event {
        event: ProfileEvent,
        /// The effect among those of the event.
        effect: usize,
        /// The field among those that it sets.
        set: usize,
    },
    /// A call that is in a block.
    Call {
        from: Address,
        call: Arc<ProfileCall>,
        /// What it returned, where its rule uses that.
        result: Option<Value>,
        /// The field among those that its rule sets.
        set: usize,
    },
}

impl Assignment {
    /// The field, and its value.
    fn of<'d>(&self, definition: &'d Definition) -> Option<&'d (usize, Expression)> {
        match self {
            Self::Event { event, effect, set } => {
                let effects = &definition.events[usize::from(event.kind)].effects;
                effects.get(*effect)?.set.get(*set)
            }
            Self::Call { call, set, .. } => definition.rules[usize::from(call.rule?)].sets.get(*set),
        }
    }
}

impl ProfileState {
    /// Gives a field of a task a value.
    pub(super) fn put(&mut self, key: TaskKey, field: usize, value: Option<Value>) {
        let world = Arc::clone(&self.world);
        let finders = &world.definition.finders;
        let Some(place) = self.places.get(&key) else {
            return;
        };
        let Some(task) = self.tasks.get_mut(place) else {
            return;
        };
        let is_found_by = finders.iter().any(|fields| fields.contains(&field));
        if is_found_by {
            self.finders.remove(finders, task);
        }
        task.fields[field] = value;
        if is_found_by {
            self.finders.enter(finders, task);
        }
    }

    /// The task that an event of a call of the run, or of others, is about.
    pub(super) fn find(&self, find: &Find, event: &ProfileEvent, cause: &Cause) -> Option<TaskKey> {
        match find {
            Find::OfCall => cause.task,
            Find::ByFields { finder, values } => {
                let view = View {
                    event: Some(&event.arguments),
                    ..self.view(self.world.deployer)
                };
                let what = || "what an event finds its task by".to_owned();
                let values = values
                    .iter()
                    .map(|value| self.evaluate(value, &view, &Answers::new(), what));
                self.finders.find(*finder, values.collect::<Option<_>>()?)
            }
        }
    }

    /// Whether a field that is being read may be what an event finds its task by.
    pub(super) fn may_be_found(&self, find: &Find) -> bool {
        let Find::ByFields { finder, .. } = find else {
            return false;
        };
        let fields = &self.world.definition.finders[*finder];
        self.fields.values().any(|waiting| {
            let assignment = waiting.assignment.of(&self.world.definition);
            assignment.is_some_and(|(field, _)| fields.contains(field))
        })
    }

    /// Sets the fields that a call sets which is in a block.
    pub(super) fn set_by_call(
        &mut self,
        key: TaskKey,
        from: Address,
        call: &Arc<ProfileCall>,
        result: Option<&Value>,
    ) {
        let rule = call
            .rule
            .map(|rule| &self.world.definition.rules[usize::from(rule)]);
        for set in 0..rule.map_or(0, |rule| rule.sets.len()) {
            let assignment = Assignment::Call {
                from,
                call: Arc::clone(call),
                result: result.cloned(),
                set,
            };
            self.set(key, assignment, Answers::new());
        }
    }

    /// Sets a field, or asks for what must be read for that first.
    pub(super) fn set(&mut self, key: TaskKey, assignment: Assignment, mut answers: Answers) {
        let world = Arc::clone(&self.world);
        let Some((field, expression)) = assignment.of(&world.definition) else {
            return;
        };
        let view = self.view_of(&assignment, key);
        let reads = expression.reads(&view, &mut answers);
        if reads.is_empty() {
            let name = &world.definition.fields[*field].name;
            let by_call = matches!(assignment, Assignment::Call { .. });
            let events = self.known(key).map_or(0, |task| task.events);
            let mut draws = world.field_draws(*field, by_call, key, events);
            match expression.evaluate(&view, &mut draws, &answers) {
                Ok(value) => {
                    self.put(key, *field, Some(value));
                    if let Some(task) = self.known_mut(key) {
                        task.was_read[*field] = expression.reads_chain();
                    }
                }
                Err(error) => world.warn(&format!("task.{name}: {error}")),
            }
            return;
        }
        let number = self.next_read;
        self.next_read += 1;
        let outstanding = reads.len();
        self.wanted.extend(reads.into_iter().map(|read| ProfileQuery {
            purpose: Purpose::Fields(number),
            read,
        }));
        let waiting = FieldRead {
            task: key,
            assignment,
            answers,
            outstanding,
        };
        self.fields.insert(number, waiting);
    }

    fn view_of<'a>(&'a self, assignment: &'a Assignment, key: TaskKey) -> View<'a> {
        match assignment {
            Assignment::Event { event, .. } => self.view_of_event(event, key),
            Assignment::Call {
                from, call, result, ..
            } => View {
                mine: call.mine.as_deref(),
                event: call.cause.as_ref().map(|event| &*event.arguments),
                result: result.as_ref(),
                ..self.view(*from).with_task(self.known(key))
            },
        }
    }

    /// A read for a field came back.
    pub(super) fn field_read(
        &mut self,
        contracts: &ProfileContracts,
        number: u64,
        read: &Read,
        result: Result<Bytes, String>,
    ) {
        let Some(waiting) = self.fields.get_mut(&number) else {
            return;
        };
        waiting.answers.set(read, result);
        waiting.outstanding -= 1;
        if waiting.outstanding > 0 {
            return;
        }
        if let Some(waiting) = self.fields.remove(&number) {
            self.set(waiting.task, waiting.assignment, waiting.answers);
            self.settle(waiting.task);
            for event in std::mem::take(&mut self.not_found) {
                self.apply(contracts, &event, &mut Cause::default());
            }
        }
    }
}

//! A task as the events have it.

use std::sync::Arc;

use alloy::{hex, primitives::Address};

use super::super::World;
use crate::{
    protocol::{
        Moment, ProtocolSchema, TaskKey, TaskSummary,
        profile::{
            definition::Named,
            expression::{Type, Value},
        },
    },
    time::Micros,
};

/// A task as the events have it.
#[derive(Clone, Debug)]
pub struct Task {
    pub(in super::super) key: TaskKey,
    /// The words of its key.
    pub(in super::super) words: Arc<[Value]>,
    /// The values of its fields.
    pub(in super::super) fields: Vec<Option<Value>>,
    /// Whether a read set the field.
    pub(super) was_read: Vec<bool>,
    /// The account that submitted it, if it is one of the run.
    pub(in super::super) opener: Option<Address>,
    pub(super) submission: Option<u64>,
    /// Its place in the order in which tasks came onto the chain.
    pub(super) place: u64,
    opened: Micros,
    /// Its phase's place in the schema.
    pub(super) phase: usize,
    steps: [Option<Micros>; ProtocolSchema::MOST_STEPS],
    pub(super) ended: Option<Micros>,
    pub(super) counts: [u32; ProtocolSchema::MOST_COUNTS],
    /// The outcome's place in the definition.
    outcome: Option<usize>,
    /// Whether an event told that it came onto the chain.
    pub(super) was_told: bool,
    /// Events about it so far.
    pub(super) events: u64,
    /// When each timed item of the profile is due, and whether that was done.
    pub(super) due: Vec<Option<(u64, bool)>>,
}

impl Task {
    /// A task that comes onto the chain now.
    pub(super) fn opened(
        world: &World,
        key: TaskKey,
        words: &Arc<[Value]>,
        place: u64,
        seen: Micros,
        (opener, submission): (Option<Address>, Option<u64>),
    ) -> Self {
        let fields = world.definition.fields.len();
        Self {
            key,
            words: Arc::clone(words),
            fields: vec![None; fields],
            was_read: vec![false; fields],
            opener,
            submission,
            place,
            opened: seen,
            phase: 1,
            steps: [None; ProtocolSchema::MOST_STEPS],
            ended: None,
            counts: [0; ProtocolSchema::MOST_COUNTS],
            outcome: None,
            was_told: false,
            events: 0,
            due: vec![None; world.timed.len()],
        }
    }

    /// How many tasks had its key before it.
    pub(in super::super) const fn before(&self) -> u64 {
        self.events >> 32
    }

    /// Whether the run submitted it.
    pub(in super::super) const fn is_of_run(&self) -> bool {
        self.submission.is_some()
    }

    /// Its phase's place in the schema.
    pub(in super::super) const fn phase(&self) -> usize {
        self.phase
    }

    /// Whether it has ended.
    pub(in super::super) const fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// It enters the phase at this place of the schema.
    pub(super) fn enter(&mut self, world: &World, phase: usize, seen: Micros) {
        self.leave(world, seen);
        self.phase = phase;
        if let Some(Moment::Step(step)) = world.names().map(|names| names.begin(phase)) {
            self.steps[usize::from(step)].get_or_insert(seen);
        }
    }

    /// It ends with the outcome at this place of the definition.
    pub(super) fn end(&mut self, world: &World, seen: Micros, outcome: usize) {
        self.leave(world, seen);
        self.phase = world.definition.schema.task_phases.len() - 1;
        self.ended = Some(seen);
        self.outcome = Some(outcome);
    }

    fn leave(&mut self, world: &World, seen: Micros) {
        let open = 1..world.definition.phases.len();
        if let Some(names) = world.names().filter(|_| open.contains(&self.phase)) {
            self.steps[usize::from(names.end(self.phase))] = Some(seen);
        }
    }

    /// Keeps what was known of it before a reorg and does not follow from events: what was read, and what was done in time.
    pub(super) fn keep(&mut self, before: &Self) {
        for (place, field) in self.fields.iter_mut().enumerate() {
            if field.is_none() && before.was_read[place] {
                field.clone_from(&before.fields[place]);
                self.was_read[place] = true;
            }
        }
        for (due, before) in self.due.iter_mut().zip(&before.due) {
            if let (Some((at, done)), Some((before, true))) = (due, before)
                && at == before
            {
                *done = true;
            }
        }
    }

    /// Its key for people.
    pub(super) fn shown_key(&self, world: &World) -> String {
        shown_key(&self.words, &world.definition.key)
    }

    pub(super) fn summary(&self, world: &World) -> TaskSummary {
        TaskSummary {
            key: self.key,
            name: Some(self.shown_key(world)),
            global_id: self.place,
            submission: self.submission,
            opened: self.opened,
            steps: self.steps,
            ended: self.ended,
            counts: self.counts,
            phase: world.definition.schema.task_phases[self.phase],
            outcome: self
                .outcome
                .and_then(|outcome| world.definition.schema.outcomes.get(outcome).copied()),
            failure: self
                .outcome
                .map(|outcome| &world.definition.outcomes[outcome])
                .filter(|outcome| outcome.failed)
                .map(|outcome| outcome.name.clone()),
        }
    }
}

/// The words of a key for people: numbers in decimals, all else in hexadecimals.
fn shown_key(words: &[Value], names: &[Named]) -> String {
    let shown = |(word, name): (&Value, &Named)| match (word, &name.ty) {
        (Value::Word(word), Type::Uint(_)) => word.to_string(),
        (Value::Word(word), Type::FixedBytes(size)) => {
            hex::encode_prefixed(&word.to_be_bytes::<32>()[..usize::from(*size)])
        }
        (Value::Word(word), Type::Address) => Address::from_word((*word).into()).to_string(),
        (Value::Word(word), _) => format!("{word:#x}"),
        (Value::Bytes(bytes), _) => hex::encode_prefixed(bytes),
        (Value::List(words), _) => format!("{} values", words.len()),
    };
    let words = words.iter().zip(names).map(shown);
    words.collect::<Vec<_>>().join("/")
}

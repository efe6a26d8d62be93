//! Events of the contracts, and what they say of tasks.

mod find;
mod finder;
mod key;

pub(super) use self::finder::FindBy;
use super::{
    expressions::Text,
    names::{Context, MayDraw},
    reader::Reader,
    task::Task,
    transitions::given_or_none,
};
use crate::{
    protocol::profile::{
        Effect, EventDefinition,
        expression::{Expression, Type},
    },
    scenario::{
        path::KeyPath,
        read::{table::Table, value::Value},
        suggest,
    },
};

/// `[[event]]` tables, their events found.
pub(super) struct Tables<'a> {
    tables: Vec<EventTable<'a>>,
}

struct EventTable<'a> {
    path: KeyPath,
    /// The whole table.
    value: Value<'a>,
    /// The place of its event.
    event: usize,
    key: Option<Value<'a>>,
    find: Option<Value<'a>>,
    opens: Option<Value<'a>>,
    when: Option<Value<'a>>,
    set: Option<Value<'a>>,
    enters: Option<Value<'a>>,
    closes: Option<Value<'a>>,
}

/// How an event tells the key of its task.
#[derive(Clone, Debug, Default)]
pub(super) enum KeyOf {
    /// It does not: it is about no task.
    None,
    /// By its arguments of the words' names.
    ByName,
    /// By these expressions.
    Given(Vec<Text>),
    /// It does not: its task is found.
    Found(FindBy),
    /// It is not known: what is said of it is broken.
    #[default]
    Broken,
}

impl<'a> Tables<'a> {
    /// Reads `[[event]]`, and notes which events are about tasks.
    pub(super) fn read(root: &Table<'a>, reader: &mut Reader<'a>) -> Self {
        let mut tables = Vec::new();
        for value in reader.tables(root.value("event")) {
            let Some(table) = Table::of(&value) else { continue };
            let name = table.required("name", "name = \"LogNewQuestion\"", Some);
            let [key, find, opens, when, set, enters, closes] =
                ["key", "find", "opens", "when", "set", "enters", "closes"].map(|key| table.value(key));
            table.finish();
            let Some(event) = name.and_then(|name| reader.event(name)) else {
                reader.table_is_missing.set(true);
                continue;
            };
            let path = value.path().clone();
            tables.push(EventTable {
                path,
                value: value.clone(),
                event,
                key,
                find,
                opens,
                when,
                set,
                enters,
                closes,
            });
        }
        for table in &tables {
            let told = reader.told.contains(&table.event);
            let key = match (&table.key, &table.find) {
                (None, None) if told => continue,
                (None, None) => KeyOf::ByName,
                (Some(value), None) => reader.key_told(value),
                (None, Some(find)) => reader.find_told(find),
                (Some(_), Some(find)) => {
                    let message = format!("`{}` has both `key` and `find`", table.path);
                    let help = "keep `key` if the event tells the task's key, or else `find`";
                    reader.refuse_key::<()>(find.path(), message, "the second", help);
                    KeyOf::Broken
                }
            };
            if told && !matches!(reader.key_of[table.event], KeyOf::ByName) {
                let path = table.path.key(if table.find.is_some() { "find" } else { "key" });
                let message = format!("`{path}`: it is said twice which task this event is about");
                let help = "say it with the event's first table";
                reader.refuse_at::<()>(&path, message, "the second", help);
            }
            reader.set_key_of(table.event, key);
        }
        // An event whose key has no words of its own must carry them all.
        for table in &tables {
            if matches!(reader.key_of[table.event], KeyOf::ByName) && !reader.carries_key(table.event) {
                let words = reader.words_missing(table.event);
                let event = &reader.names.events[table.event].abi;
                let arguments: Vec<&str> = event.inputs.iter().map(|input| input.name.as_str()).collect();
                let message = format!(
                    "the event {} does not carry the task's key: it has no argument {}",
                    event.name,
                    suggest::list(&words)
                );
                let help = format!(
                    "say which of its arguments ({}) they are: key = {{ {} = \"event.…\" }}; or by which field its task is found: find = {{ … }}; or key = false if it is about no task",
                    arguments.join(", "),
                    words.first().copied().unwrap_or_default()
                );
                reader.refuse_at::<()>(&table.path, message, "of this event", help);
                reader.set_key_of(table.event, KeyOf::Broken);
            }
        }
        // Words whose type is another are told once.
        for table in &tables {
            if matches!(reader.key_of[table.event], KeyOf::ByName) && reader.key(table.event).is_none() {
                let words: Vec<String> = reader.names.key.iter().map(|word| word.name.clone()).collect();
                reader.broken.extend(words);
            }
        }
        Self { tables }
    }

    /// Each table with its event.
    pub(super) fn values(&self) -> impl Iterator<Item = (usize, &Value<'a>)> {
        self.tables.iter().map(|table| (table.event, &table.value))
    }

    /// All events with what they say.
    /// Fields by which events find their tasks are added to `finders`.
    pub(super) fn complete(
        self,
        task: &Task,
        finders: &mut Vec<Vec<usize>>,
        reader: &Reader<'a>,
    ) -> Option<Vec<EventDefinition>> {
        let mut whole = true;
        let mut events = Vec::new();
        for place in 0..reader.names.events.len() {
            let key = reader.key(place);
            let find = reader.find(place, finders);
            whole &= key.is_some() && find.is_some();
            let named = &reader.names.events[place];
            events.push(EventDefinition {
                contract: named.contract,
                abi: named.abi.clone(),
                arguments: named.arguments.clone(),
                key: key.flatten(),
                find: find.flatten(),
                returned_by: None,
                effects: Vec::new(),
            });
        }
        for table in self.tables {
            match table.effect(task, reader) {
                Some(Some(effect)) => events[table.event].effects.push(effect),
                Some(None) => {}
                None => whole = false,
            }
        }
        whole.then_some(events)
    }
}

impl<'a> EventTable<'a> {
    /// What it says of the task; `Some(None)` for nothing.
    fn effect(&self, task: &Task, reader: &Reader<'a>) -> Option<Option<Effect>> {
        let says = [&self.opens, &self.set, &self.enters, &self.closes];
        if matches!(reader.key_of[self.event], KeyOf::None) {
            for value in says.into_iter().chain([&self.when]).flatten() {
                let message = format!("`{}` has no meaning: the event is about no task", value.path());
                reader.refuse_key::<()>(
                    value.path(),
                    message,
                    "of no task",
                    "give the event a key, or leave it out",
                );
            }
            return Some(None);
        }
        let opens = given_or_none(self.opens.clone().map(Value::boolean))?.unwrap_or(false);
        if let (true, KeyOf::Found(_), Some(value)) = (opens, &reader.key_of[self.event], &self.opens) {
            let message = format!("`{}`: an event that finds its task cannot open one", value.path());
            let help = "an event that opens a task tells its key: key = { … }";
            return reader.refuse_key(value.path(), message, "its task is on the chain", help);
        }
        let mut context = Context {
            task: true,
            event: Some(self.event),
            reads: true,
            draws: MayDraw::Random,
            ..Context::default()
        };
        let set = match &self.set {
            Some(value) => self.assignments(value.clone(), context, reader),
            None => Some(Vec::new()),
        };
        let enters = given_or_none(self.enters.clone().map(|value| reader.open_phase(value, task)));
        let closes = given_or_none(self.closes.clone().map(|value| reader.outcome(value, task)));
        context.task = !opens;
        (context.reads, context.draws) = (false, MayDraw::Nothing);
        let when = given_or_none(self.when.as_ref().map(|value| {
            let text = reader.text_of(value)?;
            reader.typed(&text, &Type::Bool, context)
        }));
        if says.iter().all(|value| value.is_none()) {
            return self.when.is_none().then_some(None).or_else(|| {
                let message = format!("`{}` has a condition for nothing", self.path);
                reader.refuse_at(
                    &self.path,
                    message,
                    "neither `opens`, `set`, `enters` nor `closes`",
                    "say what the event does",
                )
            });
        }
        Some(Some(Effect {
            when: when?,
            opens,
            set: set?,
            enters: enters?,
            closes: closes?,
        }))
    }

    fn assignments(
        &self,
        value: Value<'a>,
        context: Context,
        reader: &Reader<'a>,
    ) -> Option<Vec<(usize, Expression)>> {
        let fields: Vec<&str> = reader
            .names
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        let assignments = value.members()?.into_iter().map(|(name, value)| {
            let Some(place) = fields.iter().position(|field| *field == name) else {
                return reader.no_such_name(&value, &name, "field", &fields, "declare it: [task] fields");
            };
            let text = reader.text_of(&value)?;
            Some((
                place,
                reader.typed(&text, &reader.names.fields[place].ty, context)?,
            ))
        });
        assignments.collect::<Vec<_>>().into_iter().collect()
    }
}

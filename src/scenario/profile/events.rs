//! Events of the contracts, and what they say of tasks.

use alloy::json_abi::Event;
use toml::de::DeValue;

use super::{expressions::Text, names::Context, reader::Reader, task::Task, transitions::given_or_none};
use crate::{
    protocol::profile::{
        Effect, EventDefinition, Named,
        expression::{ContractId, Expression, Source, Type},
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
            let [key, opens, when, set, enters, closes] =
                ["key", "opens", "when", "set", "enters", "closes"].map(|key| table.value(key));
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
                opens,
                when,
                set,
                enters,
                closes,
            });
        }
        for table in &tables {
            let told = reader.told.contains(&table.event);
            let key = match &table.key {
                None if told => continue,
                None => KeyOf::ByName,
                Some(value) => reader.key_told(value),
            };
            if told && !matches!(reader.key_of[table.event], KeyOf::ByName) {
                let message = format!(
                    "`{}`: the key of this event's task is given twice",
                    table.path.key("key")
                );
                reader.refuse_at::<()>(
                    &table.path.key("key"),
                    message,
                    "the second",
                    "give it with the event's first table",
                );
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
                    "say which of its arguments ({}) they are: key = {{ {} = \"event.…\" }}; or key = false if it is about no task",
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
    pub(super) fn complete(self, task: &Task, reader: &Reader<'a>) -> Option<Vec<EventDefinition>> {
        let mut whole = true;
        let mut events = Vec::new();
        for place in 0..reader.names.events.len() {
            let key = reader.key(place);
            whole &= key.is_some();
            let named = &reader.names.events[place];
            events.push(EventDefinition {
                contract: named.contract,
                abi: named.abi.clone(),
                arguments: named.arguments.clone(),
                key: key.flatten(),
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
        let mut context = Context {
            task: true,
            event: Some(self.event),
            ..Context::default()
        };
        let set = match &self.set {
            Some(value) => self.assignments(value.clone(), context, reader),
            None => Some(Vec::new()),
        };
        let enters = given_or_none(self.enters.clone().map(|value| reader.open_phase(value, task)));
        let closes = given_or_none(self.closes.clone().map(|value| reader.outcome(value, task)));
        context.task = !opens;
        let when = given_or_none(self.when.as_ref().map(|value| {
            let text = reader.text_of(value)?;
            let when = reader.typed(&text, &Type::Bool, context)?;
            if opens && when.reads_chain() {
                let help = "it is on the event's arguments alone, so that it is known with the event";
                return reader.refuse_text(&text, "what opens a task reads nothing", "reads the chain", help);
            }
            Some(when)
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

impl<'a> Reader<'a> {
    /// The event that `LogNewQuestion`, `oracle.LogNewQuestion` or `Transfer(address,address,uint256)` means.
    pub(super) fn event(&mut self, value: Value<'a>) -> Option<usize> {
        let path = value.path().clone();
        let text = value.text()?;
        let (contract, name) = text
            .split_once('.')
            .map_or((None, text.as_str()), |(contract, name)| (Some(contract), name));
        let is_meant = |event: &Event| event.name == name || event.signature() == name;
        let mut found: Vec<(usize, &str, Event)> = Vec::new();
        let mut all = Vec::new();
        for (place, (known, abi)) in self.names.contracts.iter().enumerate() {
            if contract.is_some_and(|contract| contract != known) {
                continue;
            }
            all.extend(abi.events().map(|event| event.name.as_str()));
            found.extend(
                abi.events()
                    .filter(|event| is_meant(event))
                    .map(|event| (place, known.as_str(), event.clone())),
            );
        }
        if let [(place, _, event)] = found.as_slice() {
            return match self.names.event(ContractId(*place), &event.clone()) {
                Ok(event) => {
                    self.key_of.resize(self.names.events.len(), KeyOf::Broken);
                    Some(event)
                }
                Err(reason) => self.refuse_at(
                    &path,
                    format!("`{path}`: {reason}"),
                    "of this event",
                    "correct the ABI",
                ),
            };
        }
        if found.is_empty() {
            if self.contract_is_missing.get() {
                return None;
            }
            let contracts: Vec<&str> = self
                .names
                .contracts
                .iter()
                .map(|(name, _)| name.as_str())
                .collect();
            if let Some(contract) = contract.filter(|contract| !contracts.contains(contract)) {
                let help = suggest::meant(contract, &contracts)
                    .unwrap_or_else(|| format!("the contracts are {}", suggest::list(&contracts)));
                return self.refuse_at(
                    &path,
                    format!("`{path}`: there is no contract `{contract}`"),
                    "no contract",
                    help,
                );
            }
            all.sort_unstable();
            all.dedup();
            let help = suggest::meant(name, &all).unwrap_or_else(|| match all.is_empty() {
                true => "it has none".to_owned(),
                false => format!("the events are {}", suggest::list(&all)),
            });
            let owner = contract.map_or("no contract has".to_owned(), |contract| {
                format!("{contract} has no")
            });
            let message = format!(
                "`{path}`: {owner}{} `{}`",
                if contract.is_some() { " event" } else { " an event" },
                suggest::shortened(name)
            );
            return self.refuse_at(&path, message, "no event", help);
        }
        let same_name = found.iter().all(|(place, ..)| *place == found[0].0);
        let ways: Vec<String> = found
            .iter()
            .map(|(_, contract, event)| match same_name {
                true => format!("{contract}.{}", event.signature()),
                false => format!("{contract}.{}", event.name),
            })
            .collect();
        let ways: Vec<&str> = ways.iter().map(String::as_str).collect();
        let message = format!("`{path}`: {} events are called `{name}`", found.len());
        self.refuse_at(
            &path,
            message,
            "which one?",
            format!("name one of {}", suggest::list(&ways)),
        )
    }

    /// The event that a rule waits for; one that no table speaks of tells its task by the names of its arguments.
    pub(super) fn event_of_rule(&mut self, value: Value<'a>) -> Option<usize> {
        let path = value.path().clone();
        let known = self.names.events.len();
        let event = self.event(value)?;
        if event >= known || matches!(self.key_of[event], KeyOf::None) && !self.told.contains(&event) {
            if self.carries_key(event) {
                self.set_key_of(event, KeyOf::ByName);
            } else {
                let name = self.names.events[event].abi.name.clone();
                let message = format!("`{path}`: the event {name} does not carry the task's key");
                let help = format!(
                    "add [[event]] with name = \"{name}\", and key = {{ … }} that says which arguments are its words, or key = false if it is about no task"
                );
                self.set_key_of(event, KeyOf::Broken);
                return self.refuse_at(&path, message, "about which task?", help);
            }
        }
        Some(event)
    }

    /// An event of one's own transaction, which may be about no task.
    pub(super) fn event_to_remember(&mut self, value: Value<'a>) -> Option<usize> {
        let known = self.names.events.len();
        let event = self.event(value)?;
        if event >= known {
            let key = if self.carries_key(event) {
                KeyOf::ByName
            } else {
                KeyOf::None
            };
            self.key_of.resize(self.names.events.len(), KeyOf::Broken);
            self.key_of[event] = key;
        }
        Some(event)
    }

    /// Whether an event is about a task.
    pub(super) fn is_about_task(&self, event: usize) -> bool {
        !matches!(self.key_of[event], KeyOf::None)
    }

    fn set_key_of(&mut self, event: usize, key: KeyOf) {
        self.key_of.resize(self.names.events.len(), KeyOf::Broken);
        self.key_of[event] = key;
        self.told.push(event);
    }

    /// `false`, or an expression for each word.
    fn key_told(&self, value: &Value<'a>) -> KeyOf {
        match value.get() {
            DeValue::Boolean(false) => KeyOf::None,
            DeValue::Table(_) => self.words(value.clone()).map_or(KeyOf::Broken, KeyOf::Given),
            _ => {
                value.refuse::<()>(
                    "a table of the key's words, or false",
                    "is neither",
                    "for example key = { question = \"event.question_id\" }",
                );
                KeyOf::Broken
            }
        }
    }

    /// An expression for each word of the task's key.
    pub(super) fn words(&self, value: Value<'a>) -> Option<Vec<Text>> {
        let path = value.path().clone();
        let words: Vec<&str> = self.names.key.iter().map(|word| word.name.as_str()).collect();
        let mut texts = vec![None; words.len()];
        let mut whole = true;
        for (name, value) in value.members()? {
            match words.iter().position(|word| *word == name) {
                Some(place) => {
                    texts[place] = self.text_of(&value);
                    whole &= texts[place].is_some();
                }
                None => {
                    self.no_such_name::<()>(
                        &value,
                        &name,
                        "word of the task's key",
                        &words,
                        "see [task] key",
                    );
                    return None;
                }
            }
        }
        if let Some(missing) = words
            .iter()
            .zip(&texts)
            .find_map(|(word, text)| text.is_none().then_some(word))
            .filter(|_| whole)
        {
            return self.refuse_at(
                &path,
                format!("`{path}` says nothing of the word `{missing}`"),
                "not all words",
                format!("add {missing} = \"…\""),
            );
        }
        texts.into_iter().collect()
    }

    /// Notes that there is no name like this.
    pub(super) fn no_such_name<T>(
        &self,
        value: &Value<'a>,
        name: &str,
        kind: &str,
        names: &[&str],
        or: &str,
    ) -> Option<T> {
        if self.broken.iter().any(|broken| broken == name) {
            return None;
        }
        let help = suggest::nearest(name, names).map_or_else(
            || match names.is_empty() {
                true => or.to_owned(),
                false => format!("there are {}; {or}", suggest::list(names)),
            },
            |meant| format!("did you mean `{meant}`?"),
        );
        let message = format!(
            "`{}`: there is no {kind} `{}`",
            value.path(),
            suggest::shortened(name)
        );
        self.refuse_key(value.path(), message, format!("no {kind}"), help)
    }

    /// Whether an event has an argument for every word of the task's key.
    fn carries_key(&self, event: usize) -> bool {
        self.words_missing(event).is_empty()
    }

    fn words_missing(&self, event: usize) -> Vec<&str> {
        let inputs = &self.names.events[event].abi.inputs;
        let words = self.names.key.iter().map(|word| word.name.as_str());
        words
            .filter(|word| inputs.iter().all(|input| input.name != *word))
            .collect()
    }

    /// The words of the key of an event's task: `None` if they cannot be used, `Some(None)` if it is about none.
    fn key(&self, event: usize) -> Option<Option<Vec<Expression>>> {
        let context = Context {
            event: Some(event),
            early: true,
            ..Context::default()
        };
        let words = self.names.key.iter();
        let key: Vec<Option<Expression>> = match &self.key_of[event] {
            KeyOf::None => return Some(None),
            KeyOf::Broken => return None,
            KeyOf::Given(texts) => words
                .zip(texts)
                .map(|(word, text)| self.word(text, &word.ty, context))
                .collect(),
            KeyOf::ByName => {
                let scope = self.names.scope(context);
                let by_name = |word: &Named| {
                    let argument = format!("event.{}", word.name);
                    let found = Expression::parse_as(&argument, &word.ty, &scope).ok();
                    if found.is_none() && !self.broken.contains(&word.name) {
                        self.refuse_argument(event, word);
                    }
                    found
                };
                words.map(by_name).collect()
            }
        };
        Some(Some(key.into_iter().collect::<Option<_>>()?))
    }

    /// Notes that an argument of an event has another type than the word of its name.
    fn refuse_argument(&self, event: usize, word: &Named) {
        let event = &self.names.events[event].abi;
        let path = KeyPath::root().key("task").key("key").key(&word.name);
        let message = format!(
            "the argument `{}` of the event {} is not of the type {} of the task's key",
            word.name, event.name, word.ty
        );
        let help = "correct the type, or give the event's key with a conversion";
        self.refuse_at::<()>(&path, message, "of this type", help);
    }

    /// A word of a key, which an event must tell by itself.
    fn word(&self, text: &Text, ty: &Type, context: Context) -> Option<Expression> {
        let word = self.typed(text, ty, context)?;
        let of_event = word
            .variables()
            .iter()
            .all(|variable| matches!(variable.source, Source::Event | Source::Parameter));
        match of_event && !word.reads_chain() && !word.draws() {
            true => Some(word),
            false => self.refuse_text(
                text,
                "a task's key is told by the event alone",
                "reads or draws something else",
                "use the event's arguments: event.…",
            ),
        }
    }
}

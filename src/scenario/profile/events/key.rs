//! Keys of tasks, as events tell them.

use toml::de::DeValue;

use super::KeyOf;
use crate::{
    protocol::profile::{
        Named,
        expression::{Expression, Source, Type},
    },
    scenario::{
        path::KeyPath,
        profile::{
            expressions::Text,
            names::{Context, MayDraw},
            reader::Reader,
        },
        read::value::Value,
        suggest,
    },
};

impl<'a> Reader<'a> {
    /// Whether an event is about a task.
    pub(in crate::scenario::profile) fn is_about_task(&self, event: usize) -> bool {
        !matches!(self.key_of[event], KeyOf::None)
    }

    pub(super) fn set_key_of(&mut self, event: usize, key: KeyOf) {
        self.key_of.resize(self.names.events.len(), KeyOf::Broken);
        self.key_of[event] = key;
        self.told.push(event);
    }

    /// `false`, or an expression for each word.
    pub(super) fn key_told(&self, value: &Value<'a>) -> KeyOf {
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
    pub(in crate::scenario::profile) fn words(&self, value: Value<'a>) -> Option<Vec<Text>> {
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
    pub(in crate::scenario::profile) fn no_such_name<T>(
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
    pub(super) fn carries_key(&self, event: usize) -> bool {
        self.words_missing(event).is_empty()
    }

    pub(super) fn words_missing(&self, event: usize) -> Vec<&str> {
        let inputs = &self.names.events[event].abi.inputs;
        let words = self.names.key.iter().map(|word| word.name.as_str());
        words
            .filter(|word| inputs.iter().all(|input| input.name != *word))
            .collect()
    }

    /// The words of the key of an event's task: `None` if they cannot be used, `Some(None)` if it is about none.
    pub(super) fn key(&self, event: usize) -> Option<Option<Vec<Expression>>> {
        let context = Context {
            event: Some(event),
            early: true,
            // What else it needs is refused with the word.
            reads: true,
            draws: MayDraw::All,
            ..Context::default()
        };
        let words = self.names.key.iter();
        let key: Vec<Option<Expression>> = match &self.key_of[event] {
            KeyOf::None | KeyOf::Found(_) => return Some(None),
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
    pub(super) fn refuse_argument(&self, event: usize, word: &Named) {
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
    pub(super) fn word(&self, text: &Text, ty: &Type, context: Context) -> Option<Expression> {
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

//! The table of a scenario's keys, from which the JSON Schema and the written file are made.

/// The keys of the table that a `$of` is written as, a row for each: whether it is required, its name and description, the
/// kind of its values, the value that one left out has, values that it may have, and how it is written; `None` leaves it out.
macro_rules! keys {
    ($of:ty: $($($flag:ident)? $name:literal, $about:expr, $kind:expr
        $(, default $default:expr)? $(, examples $examples:tt)? => $text:expr;)*) => {
        vec![$({
            let text: fn(&$of) -> Option<String> = $text;
            $crate::scenario::keys::Key::new($name, $about, $kind, text)
                $(.default($default))?
                $(.examples(serde_json::json!($examples)))?
                $(.$flag())?
        }),*]
    };
}

mod behaviour;
mod chain;
mod distribution;
mod kind;
mod literal;
mod load;
mod management;
mod population;
mod profile;
mod quantity;
mod scenario;
mod written;

use serde_json::{Map, Value};

pub(super) use self::{
    distribution::Shape,
    profile::role,
    scenario::{Section, definitions, root, sections},
};
use super::units::grouped;

/// Gives the value of a key as TOML, or `None` to leave the key out.
type Text<T> = Box<dyn Fn(&T) -> Option<String> + Send + Sync>;

/// A key of the table that a `T` is written as.
pub(super) struct Key<T: ?Sized> {
    name: &'static str,
    about: &'static str,
    kind: Value,
    default: Option<Value>,
    examples: Option<Value>,
    required: bool,
    text: Text<T>,
}

impl<T: ?Sized + 'static> Key<T> {
    /// A key that may be left out. `kind` is the JSON Schema of its values; `text` gives its value as TOML, or `None` to
    /// leave the key out.
    fn new(
        name: &'static str,
        about: &'static str,
        kind: Value,
        text: impl Fn(&T) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            about,
            kind,
            default: None,
            examples: None,
            required: false,
            text: Box::new(text),
        }
    }

    /// The same key, which must be there.
    fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    /// The same key, and the value that one left out has.
    fn default(self, value: impl Into<Value>) -> Self {
        Self {
            default: Some(value.into()),
            ..self
        }
    }

    /// The same key with an array of values that it may have.
    fn examples(self, examples: Value) -> Self {
        Self {
            examples: Some(examples),
            ..self
        }
    }

    /// The same key in the table of a `U`, which has a `T`.
    fn within<U: 'static>(self, of: fn(&U) -> &T) -> Key<U> {
        let text = self.text;
        Key {
            name: self.name,
            about: self.about,
            kind: self.kind,
            default: self.default,
            examples: self.examples,
            required: self.required,
            text: Box::new(move |whole| text(of(whole))),
        }
    }

    /// The JSON Schema of its values.
    pub(super) fn schema(&self) -> Value {
        let about = match &self.default {
            None => self.about.to_owned(),
            Some(default) => format!("{} Default {}.", self.about, plain(default)),
        };
        let mut schema = kind::described(about, self.kind.clone());
        if let Some(default) = &self.default {
            schema["default"] = default.clone();
        }
        if let Some(examples) = &self.examples {
            schema["examples"] = examples.clone();
        }
        schema
    }
}

/// A default as a description writes it.
fn plain(default: &Value) -> String {
    match default {
        // Digits are grouped by commas in prose.
        Value::String(text) if text.starts_with(|c: char| c.is_ascii_digit()) => text.replace('_', ","),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_u64().map_or_else(|| number.to_string(), grouped),
        other => other.to_string(),
    }
}

/// The JSON Schemas of the keys, by their names.
pub(super) fn properties<T: ?Sized + 'static>(keys: &[Key<T>]) -> Map<String, Value> {
    keys.iter()
        .map(|key| (key.name.to_owned(), key.schema()))
        .collect()
}

/// The names of the keys that must be there.
pub(super) fn required<T: ?Sized>(keys: &[Key<T>]) -> Vec<&'static str> {
    let required = keys.iter().filter(|key| key.required);
    required.map(|key| key.name).collect()
}

/// `key = value` for each key that has a value.
fn entries<T: ?Sized>(keys: &[Key<T>], of: &T) -> Vec<String> {
    keys.iter()
        .filter_map(|key| Some(format!("{} = {}", key.name, (key.text)(of)?)))
        .collect()
}

/// The keys that have a value, each on its line.
pub(super) fn lines<T>(keys: &[Key<T>], of: &T) -> String {
    entries(keys, of).into_iter().map(|entry| entry + "\n").collect()
}

/// The keys that have a value, as a table on one line; `None` if none has.
fn inline<T: ?Sized>(keys: &[Key<T>], of: &T) -> Option<String> {
    let entries = entries(keys, of);
    (!entries.is_empty()).then(|| format!("{{ {} }}", entries.join(", ")))
}

//! Kinds of values, as JSON Schema.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::{Key, properties, required};

/// A definition of that name.
pub(super) fn defined(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

pub(super) fn duration() -> Value {
    defined("duration")
}

pub(super) fn rate() -> Value {
    defined("rate")
}

pub(super) fn amount() -> Value {
    defined("amount")
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

/// A name that is safe in a file's name.
pub(super) fn name() -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" })
}

pub(super) fn boolean() -> Value {
    json!({ "type": "boolean" })
}

/// A whole number in `range`.
pub(super) fn whole(range: RangeInclusive<u64>) -> Value {
    json!({ "type": "integer", "minimum": range.start(), "maximum": range.end() })
}

/// A number above 0.
pub(super) fn positive() -> Value {
    json!({ "type": "number", "exclusiveMinimum": 0 })
}

/// One of the names of `choices`.
pub(super) fn choice<T: Copy>(choices: &[T], name: impl Fn(T) -> &'static str) -> Value {
    let names: Vec<_> = choices.iter().map(|choice| name(*choice)).collect();
    json!({ "enum": names })
}

/// An array of at least one of `items`.
pub(super) fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items, "minItems": 1 })
}

/// An array of two of `items`.
pub(super) fn pair(items: Value) -> Value {
    json!({ "type": "array", "items": items, "minItems": 2, "maxItems": 2 })
}

/// One of several kinds.
pub(super) fn any_of(kinds: impl IntoIterator<Item = Value>) -> Value {
    json!({ "anyOf": kinds.into_iter().collect::<Vec<_>>() })
}

/// A table of these keys and no others.
pub(super) fn table<T: ?Sized + 'static>(keys: &[Key<T>]) -> Value {
    let (mut table, required) = (open_table(keys), required(keys));
    if !required.is_empty() {
        table["required"] = json!(required);
    }
    table
}

/// As [`table`], but required keys may be left out: another file may have them.
pub(super) fn open_table<T: ?Sized + 'static>(keys: &[Key<T>]) -> Value {
    json!({ "type": "object", "properties": properties(keys), "additionalProperties": false })
}

/// Tables of one of these keys each.
pub(super) fn alternatives<T: ?Sized + 'static>(keys: &[Key<T>]) -> impl Iterator<Item = Value> + '_ {
    keys.chunks(1).map(table)
}

/// The kind with a description.
pub(super) fn described(about: impl Into<String>, mut kind: Value) -> Value {
    // Beside a reference, draft 7 ignores all else.
    if let Some(reference) = kind.as_object_mut().and_then(|kind| kind.remove("$ref")) {
        kind["allOf"] = json!([{ "$ref": reference }]);
    }
    kind["description"] = json!(about.into());
    kind
}

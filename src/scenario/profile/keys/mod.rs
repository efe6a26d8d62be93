//! The table of a profile's keys, from which its JSON Schema is made.

mod table;

use serde_json::{Map, Value, json};

use self::table::KEYS;

use crate::{protocol::Behaviour, scenario::keys::definitions};

/// A key: its section, its name, whether it is required, its description, and the kind of its values.
type Key = (&'static str, &'static str, bool, &'static str, Kind);

/// What a value may be.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    /// An expression: text, or a number or truth without quotes.
    Expression,
    Expressions,
    /// A table of names of one's own with expressions.
    Assignments,
    Names,
    True,
    Truth,
    /// A type of Solidity.
    Types,
    /// A type, or a table of a type and an initial value.
    Fields,
    Outcomes,
    /// A table of the key's words, or `false`.
    KeyOrFalse,
    /// A table of fields, or `call`.
    Find,
    Delays,
    Chance,
    Gas,
    Blocks,
    Who,
    Batch,
    /// An array of behaviours.
    Behaviours,
    /// A table of an event, and names of one's own with expressions.
    Remember,
    /// A table of an event and an expression.
    Created,
    Address,
}

/// How a section is written.
enum Shape {
    /// `[task]`
    Table,
    /// `[roles.asker]`, with a name of one's own.
    Named,
    /// `[[on]]`
    List,
}

/// The sections, with their descriptions; required ones first.
const SECTIONS: [(&str, Shape, bool, &str); 8] = [
    (
        "contracts",
        Shape::Named,
        true,
        "A contract, by the name that expressions know it by; deployed in the order of the file.",
    ),
    (
        "roles",
        Shape::Named,
        true,
        "A role of actors. `deployer` is always there.",
    ),
    ("task", Shape::Table, true, "What a task is."),
    (
        "event",
        Shape::List,
        false,
        "What an event of a contract says of a task.",
    ),
    (
        "transition",
        Shape::List,
        false,
        "What becomes of a task without an event.",
    ),
    (
        "setup",
        Shape::List,
        false,
        "A step of set-up, in the order of the file.",
    ),
    (
        "on",
        Shape::List,
        true,
        "What actors do; with exactly one trigger.",
    ),
    ("invariant", Shape::List, false, "What must hold."),
];

/// The JSON Schema of profiles.
pub(in crate::scenario) fn schema() -> Value {
    let (mut properties, mut required) = keys_of("");
    for (name, shape, is_required, about) in SECTIONS {
        let (keys, needed) = keys_of(name);
        let mut one = json!({ "type": "object", "properties": keys, "additionalProperties": false });
        if !needed.is_empty() {
            one["required"] = json!(needed);
        }
        let mut section = match shape {
            Shape::Table => one,
            Shape::Named => json!({ "type": "object", "additionalProperties": one, "minProperties": 1 }),
            Shape::List => json!({ "type": "array", "items": one }),
        };
        section["description"] = json!(about);
        properties.insert(name.to_owned(), section);
        if is_required {
            required.push(name);
        }
    }
    let parameter = json!({ "anyOf": [Kind::Expression.schema(), {
        "type": "object",
        "properties": { "type": Kind::Text.schema(), "value": Kind::Expression.schema() },
        "required": ["type", "value"],
        "additionalProperties": false,
    }] });
    let about = "Constants that a scenario may set.";
    properties.insert(
        "parameters".to_owned(),
        json!({ "type": "object", "additionalProperties": parameter, "description": about }),
    );
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "taskstorm profile",
        "description": "A protocol: contracts, roles, and what actors do. `taskstorm check FILE` checks more than this schema can.",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
        "definitions": definitions(),
    })
}

/// The keys of a section, and those that must be there.
fn keys_of(section: &str) -> (Map<String, Value>, Vec<&'static str>) {
    let keys = || KEYS.into_iter().filter(|(of, ..)| *of == section);
    let described = |(_, name, _, about, kind): Key| {
        let mut schema = kind.schema();
        schema["description"] = json!(about);
        (name.to_owned(), schema)
    };
    let required = keys().filter(|(_, _, required, ..)| *required);
    (
        keys().map(described).collect(),
        required.map(|(_, name, ..)| name).collect(),
    )
}

impl Kind {
    fn schema(self) -> Value {
        let expression = || json!({ "type": ["string", "integer", "boolean"] });
        let of = |value: Value| json!({ "type": "object", "additionalProperties": value });
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Expression => expression(),
            Self::Expressions => json!({ "type": "array", "items": expression() }),
            Self::Assignments => of(expression()),
            Self::Names => {
                json!({ "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": 8 })
            }
            Self::True => json!({ "const": true }),
            Self::Truth => json!({ "type": "boolean" }),
            Self::Types => {
                json!({ "type": "object", "additionalProperties": { "type": "string" }, "minProperties": 1 })
            }
            Self::Fields => of(json!({ "anyOf": [{ "type": "string" }, {
                "type": "object",
                "properties": { "type": { "type": "string" }, "initial": expression() },
                "required": ["type"],
                "additionalProperties": false,
            }] })),
            Self::Outcomes => of(json!({ "enum": ["ended", "failed"] })),
            Self::KeyOrFalse => json!({ "anyOf": [{ "const": false }, of(expression())] }),
            Self::Find => json!({ "anyOf": [{ "const": "call" }, of(expression())] }),
            Self::Delays => of(json!({ "$ref": "#/definitions/delays" })),
            Self::Chance => json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 1 }),
            Self::Gas => json!({ "type": "integer", "minimum": 21_000 }),
            Self::Blocks => json!({ "type": "integer", "minimum": 1 }),
            Self::Who => {
                let one = |key: &str, value: Value| json!({ "type": "object", "properties": { key: value }, "required": [key], "additionalProperties": false });
                let pick = one("pick", json!({ "type": "integer", "minimum": 1 }));
                json!({ "anyOf": [{ "enum": ["all", "opener", "participants"] }, pick, one("accounts", expression())] })
            }
            Self::Batch => json!({
                "type": "object",
                "properties": {
                    "size": { "type": "integer", "minimum": 1 },
                    "wait": { "$ref": "#/definitions/duration" },
                },
                "required": ["size", "wait"],
                "additionalProperties": false,
            }),
            Self::Behaviours => {
                json!({ "type": "array", "items": { "enum": Behaviour::ALL.map(Behaviour::name) } })
            }
            Self::Remember => json!({
                "type": "object",
                "properties": { "event": { "type": "string" } },
                "required": ["event"],
                "additionalProperties": expression(),
            }),
            Self::Created => json!({
                "type": "object",
                "properties": { "event": { "type": "string" }, "address": expression() },
                "required": ["event", "address"],
                "additionalProperties": false,
            }),
            Self::Address => json!({ "type": "string", "pattern": "^0x[0-9a-fA-F]{40}$" }),
        }
    }
}

#[cfg(test)]
mod tests;

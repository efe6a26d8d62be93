//! The table of a profile's keys, from which its JSON Schema is made.

use serde_json::{Map, Value, json};

use crate::scenario::keys::definitions;

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
    Delays,
    Chance,
    Gas,
    Blocks,
    Who,
    Batch,
    /// A table of an event, and names of one's own with expressions.
    Remember,
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

const KEYS: [Key; 60] = [
    (
        "",
        "name",
        true,
        "The name of the protocol: 1 to 64 letters, digits, spaces, -, _ and .",
        Kind::Text,
    ),
    ("", "description", false, "What it is, for people.", Kind::Text),
    (
        "contracts",
        "artifact",
        true,
        "File or folder of artifacts, relative to the profile.",
        Kind::Text,
    ),
    (
        "contracts",
        "contract",
        false,
        "Which contract, if the artifact has several.",
        Kind::Text,
    ),
    (
        "contracts",
        "bytecode",
        false,
        "File of the creation code, if the artifact is an ABI only.",
        Kind::Text,
    ),
    (
        "contracts",
        "arguments",
        false,
        "The constructor's arguments.",
        Kind::Expressions,
    ),
    (
        "contracts",
        "value",
        false,
        "Wei sent along to the constructor.",
        Kind::Expression,
    ),
    (
        "contracts",
        "address",
        false,
        "Where it is already, on a node's chain.",
        Kind::Address,
    ),
    (
        "roles",
        "delays",
        false,
        "Delays by name, with their defaults.",
        Kind::Delays,
    ),
    (
        "task",
        "key",
        true,
        "The words of a task's key, with their types.",
        Kind::Types,
    ),
    (
        "task",
        "fields",
        false,
        "What is known of a task: types, or { type = …, initial = … }.",
        Kind::Fields,
    ),
    (
        "task",
        "phases",
        true,
        "Phases of a task's life; the first is that of its submission.",
        Kind::Names,
    ),
    (
        "task",
        "outcomes",
        true,
        "How tasks may end: \"ended\" or \"failed\".",
        Kind::Outcomes,
    ),
    (
        "event",
        "name",
        true,
        "The event, with its contract if several have it: oracle.LogNewQuestion.",
        Kind::Text,
    ),
    (
        "event",
        "key",
        false,
        "The key of its task; false if it is about none. Default: the arguments of the words' names.",
        Kind::KeyOrFalse,
    ),
    (
        "event",
        "opens",
        false,
        "Whether it brings the task onto the chain.",
        Kind::Truth,
    ),
    (
        "event",
        "when",
        false,
        "Whether what follows applies.",
        Kind::Expression,
    ),
    ("event", "set", false, "Fields that it sets.", Kind::Assignments),
    (
        "event",
        "enters",
        false,
        "The phase that the task enters.",
        Kind::Text,
    ),
    (
        "event",
        "closes",
        false,
        "The outcome with which the task ends.",
        Kind::Text,
    ),
    (
        "transition",
        "phase",
        false,
        "Only in this phase; default: any.",
        Kind::Text,
    ),
    (
        "transition",
        "time",
        false,
        "When the chain reaches this time, in seconds since 1970.",
        Kind::Expression,
    ),
    (
        "transition",
        "block",
        false,
        "When the chain reaches this block.",
        Kind::Expression,
    ),
    (
        "transition",
        "when",
        false,
        "When this holds, looked at after each event of the task.",
        Kind::Expression,
    ),
    (
        "transition",
        "enters",
        false,
        "The phase that the task enters.",
        Kind::Text,
    ),
    (
        "transition",
        "closes",
        false,
        "The outcome with which the task ends.",
        Kind::Text,
    ),
    (
        "setup",
        "role",
        false,
        "By every actor of this role; default: the deployer.",
        Kind::Text,
    ),
    (
        "setup",
        "for_each",
        false,
        "Repeated for every account of this role: `account`.",
        Kind::Text,
    ),
    ("setup", "call", true, "The call.", Kind::Text),
    ("setup", "value", false, "Wei sent along.", Kind::Expression),
    (
        "setup",
        "when",
        false,
        "Whether the step is taken.",
        Kind::Expression,
    ),
    ("setup", "gas", false, "Gas limit; default: found out.", Kind::Gas),
    (
        "setup",
        "remember",
        false,
        "What the actor remembers of an event of its call: actor.….",
        Kind::Remember,
    ),
    (
        "setup",
        "share",
        false,
        "What all know of an event of the call: shared.….",
        Kind::Remember,
    ),
    ("on", "name", false, "Default: the function's name.", Kind::Text),
    (
        "on",
        "arrival",
        false,
        "Trigger: the scenario's load says when; the call submits a task.",
        Kind::True,
    ),
    ("on", "event", false, "Trigger: this event.", Kind::Text),
    (
        "on",
        "entered",
        false,
        "Trigger: the task entered this phase.",
        Kind::Text,
    ),
    (
        "on",
        "time",
        false,
        "Trigger: the chain reached this time, in seconds since 1970.",
        Kind::Expression,
    ),
    (
        "on",
        "block",
        false,
        "Trigger: the chain reached this block.",
        Kind::Expression,
    ),
    (
        "on",
        "included",
        false,
        "Trigger: the actor's own call of this rule is in a block.",
        Kind::Text,
    ),
    (
        "on",
        "failed",
        false,
        "Trigger: the actor's own call of this rule reverted, was refused or lost.",
        Kind::Text,
    ),
    (
        "on",
        "every",
        false,
        "Trigger: so often while the load lasts; a delay of the role or a duration.",
        Kind::Text,
    ),
    ("on", "role", false, "Who.", Kind::Text),
    ("on", "who", false, "Which actors of the role.", Kind::Who),
    (
        "on",
        "after",
        false,
        "How long after: a delay of the role or a duration.",
        Kind::Text,
    ),
    (
        "on",
        "chance",
        false,
        "The probability with which an actor does it.",
        Kind::Chance,
    ),
    (
        "on",
        "when",
        false,
        "The condition at the moment of acting.",
        Kind::Expression,
    ),
    (
        "on",
        "let",
        false,
        "What the actor remembers of the task: mine.….",
        Kind::Assignments,
    ),
    ("on", "call", true, "The call.", Kind::Text),
    ("on", "value", false, "Wei sent along.", Kind::Expression),
    (
        "on",
        "phase",
        false,
        "The phase that its transactions count under.",
        Kind::Text,
    ),
    (
        "on",
        "opens",
        false,
        "The key of the task that the call opens, where no event tells it.",
        Kind::Assignments,
    ),
    ("on", "gas", false, "Gas limit; default: found out.", Kind::Gas),
    (
        "on",
        "races",
        false,
        "Whether to lose to others is expected.",
        Kind::Truth,
    ),
    ("on", "batch", false, "Gathers tasks for one call.", Kind::Batch),
    ("invariant", "name", true, "Its name.", Kind::Text),
    (
        "invariant",
        "check",
        true,
        "What must hold of the chain.",
        Kind::Expression,
    ),
    (
        "invariant",
        "statement",
        false,
        "The same for people; default: the check.",
        Kind::Text,
    ),
    (
        "invariant",
        "every",
        false,
        "After every so many blocks of the embedded chain.",
        Kind::Blocks,
    ),
];

/// The JSON Schema of profiles.
pub(in crate::scenario) fn schema() -> Value {
    let (mut properties, mut required) = table("");
    for (name, shape, is_required, about) in SECTIONS {
        let (keys, needed) = table(name);
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
fn table(section: &str) -> (Map<String, Value>, Vec<&'static str>) {
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
            Self::Remember => json!({
                "type": "object",
                "properties": { "event": { "type": "string" } },
                "required": ["event"],
                "additionalProperties": expression(),
            }),
            Self::Address => json!({ "type": "string", "pattern": "^0x[0-9a-fA-F]{40}$" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use boon::{Compiler, Draft, Schemas};

    use super::*;
    use crate::scenario::profile::known_keys;

    fn market() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/profiles/market.toml")
    }

    #[test]
    fn the_reader_knows_the_keys_of_the_table() {
        let described: BTreeSet<String> = KEYS
            .into_iter()
            .map(|(section, name, ..)| format!("{section}.{name}"))
            .collect();
        let named: BTreeSet<&str> = SECTIONS
            .iter()
            .filter(|(_, shape, ..)| matches!(shape, Shape::Named))
            .map(|(name, ..)| *name)
            .collect();
        let mut known = BTreeSet::new();
        for key in known_keys(&market()) {
            let mut steps: Vec<&str> = key.split('.').collect();
            if named.contains(steps[0]) && steps.len() > 1 {
                steps.remove(1);
            }
            match steps.as_slice() {
                [root] if SECTIONS.iter().all(|(name, ..)| name != root) && *root != "parameters" => {
                    known.insert(format!(".{root}"))
                }
                [section, name] if *section != "parameters" => known.insert(format!("{section}.{name}")),
                _ => continue,
            };
        }
        assert_eq!(described, known);
    }

    #[test]
    fn a_profile_that_is_right_is_so_by_the_schema() {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.set_default_draft(Draft::V7);
        compiler.add_resource("profile.json", schema()).unwrap();
        let compiled = compiler.compile("profile.json", &mut schemas).unwrap();
        let text = std::fs::read_to_string(market()).unwrap();
        let read =
            |text: &str| -> Value { serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap() };
        schemas.validate(&read(&text), compiled).unwrap();
        for (from, to) in [
            ("races = true", "racing = true"),
            ("pick = 2", "pick = 0"),
            ("arrival = true", "arrival = false"),
        ] {
            assert!(
                schemas
                    .validate(&read(&text.replace(from, to)), compiled)
                    .is_err(),
                "{to}"
            );
        }
    }
}

//! Generates the JSON Schema of scenario files from the table of their keys, for editors.

use serde_json::{Map, Value, json};

use super::keys::{definitions, properties, required, role, root, sections};

/// The JSON Schema of scenario files (draft 7, which taplo and the editors that use it read). It describes the shape of a
/// file; what must hold between values is checked by [`Loaded`](super::Loaded) alone.
#[must_use]
pub fn schema() -> String {
    let (mut keys, mut required, mut groups) = (properties(&root()), required(&root()), Map::new());
    for section in sections() {
        keys.insert(section.name.to_owned(), section.schema);
        if !section.required.is_empty() {
            required.push(section.name);
            let group = json!({ "type": "object", "required": section.required });
            let groups_of = json!({ "anyOf": [group, { "type": "array", "items": group }] });
            groups.insert(section.name.to_owned(), groups_of);
        }
    }
    // A profile may have a role of this name.
    groups.insert("oracle".to_owned(), json!({ "type": "object" }));
    let known: Map<_, _> = keys.keys().map(|key| (key.clone(), json!(true))).collect();
    let mut of_reference = known.clone();
    of_reference.extend(groups);
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "taskstorm scenario",
        "description": "Who takes part in a run, what load they make, when, and on which chain. \
                        `taskstorm check FILE` checks more than this schema can.",
        "type": "object",
        "properties": keys,
        // A file that extends another may leave to it what a scenario needs; one that runs a profile has tables named like the
        // profile's roles.
        "if": { "anyOf": [{ "required": ["extends"] }, { "required": ["protocol"] }] },
        "then": { "properties": known, "additionalProperties": role() },
        "else": { "required": required, "properties": of_reference, "additionalProperties": false },
        "definitions": definitions(),
    });
    let mut text = String::new();
    write(&schema, 0, &mut text);
    text + "\n"
}

/// The JSON Schema of profiles, likewise.
#[must_use]
pub fn profile_schema() -> String {
    let mut text = String::new();
    write(&super::profile::schema(), 0, &mut text);
    text + "\n"
}

/// Widest value on one line, with its indentation.
const WIDTH: usize = 120;

/// Writes `value` on one line if it fits, otherwise with a line for each of its own.
fn write(value: &Value, indent: usize, out: &mut String) {
    let line = value.to_string();
    let (open, close, entries): (_, _, Vec<(String, &Value)>) = match value {
        Value::Object(entries) if indent + line.len() > WIDTH => {
            let key = |key: &String| format!("{}: ", Value::from(key.as_str()));
            (
                '{',
                '}',
                entries.iter().map(|(name, value)| (key(name), value)).collect(),
            )
        }
        Value::Array(elements) if indent + line.len() > WIDTH => (
            '[',
            ']',
            elements.iter().map(|element| (String::new(), element)).collect(),
        ),
        _ => return out.push_str(&line),
    };
    let mut separator = open;
    for (key, value) in entries {
        out.push(separator);
        out.push('\n');
        out.push_str(&" ".repeat(indent + 2));
        out.push_str(&key);
        write(value, indent + 2, out);
        separator = ',';
    }
    out.push('\n');
    out.push_str(&" ".repeat(indent));
    out.push(close);
}

#[cfg(test)]
mod tests;

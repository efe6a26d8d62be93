//! Keys of `[faults]`.

use serde_json::{Map, Value, json};

use super::{
    kind::{described, list, text},
    literal::{array, quoted},
    scenario::Section,
};
use crate::{
    fault::{Fault, FaultKey, FaultKind},
    scenario::Scenario,
};

/// What goes wrong with the chain and the node.
pub(super) fn section() -> Section {
    let kinds = FaultKind::ALL.map(|kind| (kind.name().to_owned(), of_kind(kind)));
    let kinds: Map<_, _> = kinds.into_iter().collect();
    Section {
        name: "faults",
        schema: described(
            "What goes wrong with the chain and the node, from the beginning of the load on.",
            json!({ "type": "object", "properties": kinds, "additionalProperties": false }),
        ),
        required: Vec::new(),
        text: Box::new(lines),
    }
}

/// The JSON Schema of the faults of a kind.
fn of_kind(kind: FaultKind) -> Value {
    let mut keys = Map::new();
    for key in kind.keys() {
        let value = match key {
            FaultKey::Depth => {
                json!({ "type": "integer", "minimum": Fault::DEPTH.start(), "maximum": Fault::DEPTH.end() })
            }
            FaultKey::Factor => json!({ "type": "number", "exclusiveMinimum": 0 }),
            FaultKey::At => json!({ "anyOf": [text(), list(text())] }),
            _ => text(),
        };
        let mut schema = described(key.about(), value);
        schema["examples"] = match key {
            FaultKey::Depth => json!([2]),
            FaultKey::Factor => json!([4]),
            _ => json!([key.example()]),
        };
        keys.insert(key.name().to_owned(), schema);
    }
    let one = json!({ "type": "object", "properties": keys, "additionalProperties": false });
    let mut schema = described(
        kind.about(),
        json!({ "anyOf": [text(), one, list(json!({ "anyOf": [text(), one] }))] }),
    );
    schema["examples"] = json!([kind.example()]);
    schema
}

/// The section as a scenario file has it; nothing where nothing goes wrong.
fn lines(scenario: &Scenario) -> String {
    if scenario.faults.is_empty() {
        return String::new();
    }
    let of_kind = |kind: FaultKind| {
        let faults: Vec<_> = scenario.faults.of(kind).map(table).collect();
        match faults.as_slice() {
            [] => String::new(),
            [one] => format!("{kind} = {one}\n"),
            several => format!("{kind} = [{}]\n", several.join(", ")),
        }
    };
    format!("\n[faults]\n{}", FaultKind::ALL.map(of_kind).concat())
}

/// A fault as a table on one line.
fn table(fault: &Fault) -> String {
    let mut entries: Vec<String> = Vec::new();
    let moments = fault
        .entries()
        .into_iter()
        .filter(|(key, _)| *key == FaultKey::At);
    let moments: Vec<_> = moments.map(|(_, value)| quoted(value)).collect();
    if !moments.is_empty() {
        entries.extend(array(moments).map(|moments| format!("at = {moments}")));
    }
    for (key, value) in fault.entries() {
        match key {
            FaultKey::At => {}
            FaultKey::Depth | FaultKey::Factor => entries.push(format!("{key} = {value}")),
            _ => entries.extend(quoted(value).map(|value| format!("{key} = {value}"))),
        }
    }
    format!("{{ {} }}", entries.join(", "))
}

//! Small scenarios that tests share, and changes to scenarios.

use taskstorm::scenario::{Loaded, Scenario};
use toml::{Table, Value};

/// Eight tasks in a few seconds, on anvil where nothing else is said.
pub(crate) const SMOKE: &str = include_str!("../../../scenarios/smoke.toml");

/// A scenario with other values laid over it: keys of sections are replaced or added, and so are those of the groups of
/// the same name; other groups are added.
pub(crate) fn with(base: &str, changes: &str) -> String {
    let read = |text: &str| {
        text.parse::<Table>()
            .unwrap_or_else(|error| panic!("{error}\n{text}"))
    };
    let mut merged = read(base);
    for (key, value) in read(changes) {
        match (merged.remove(&key), value) {
            (Some(Value::Table(mut section)), Value::Table(changes)) => {
                section.extend(changes);
                merged.insert(key, section.into());
            }
            (Some(group @ Value::Table(_)), Value::Array(changes)) => {
                merged.insert(key, groups(vec![group], changes));
            }
            (Some(Value::Array(base)), Value::Array(changes)) => {
                merged.insert(key, groups(base, changes));
            }
            (_, value) => drop(merged.insert(key, value)),
        }
    }
    merged.to_string()
}

/// Groups with others laid over those of the same name.
fn groups(mut base: Vec<Value>, changes: Vec<Value>) -> Value {
    for change in changes {
        let same = base
            .iter_mut()
            .find(|group| group.get("name") == change.get("name"));
        match (same, change) {
            (Some(Value::Table(group)), Value::Table(change)) => group.extend(change),
            (_, change) => base.push(change),
        }
    }
    base.into()
}

/// The scenario in this text, which must be right.
pub(crate) fn read(text: &str) -> Scenario {
    let loaded = Loaded::from_toml("scenario.toml", text);
    loaded
        .unwrap_or_else(|error| panic!("{:?}\n{text}", miette::Report::new(error)))
        .scenario
}

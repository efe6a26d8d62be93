//! Small scenarios that tests share, and changes to scenarios.

use taskstorm::scenario::{Loaded, Scenario};
use toml::{Table, Value};

/// Eight tasks in a few seconds, on anvil where nothing else is said.
pub(crate) const SMOKE: &str = include_str!("../../../scenarios/smoke.toml");

/// A scenario with other values laid over it: keys of its sections are replaced or added, and whole lists of groups.
pub(crate) fn with(base: &str, changes: &str) -> String {
    let read = |text: &str| {
        text.parse::<Table>()
            .unwrap_or_else(|error| panic!("{error}\n{text}"))
    };
    let mut merged = read(base);
    for (key, value) in read(changes) {
        match (merged.get_mut(&key), value) {
            (Some(Value::Table(section)), Value::Table(changes)) => section.extend(changes),
            (_, value) => drop(merged.insert(key, value)),
        }
    }
    merged.to_string()
}

/// The scenario in this text, which must be right.
pub(crate) fn read(text: &str) -> Scenario {
    let loaded = Loaded::from_toml("scenario.toml", text);
    loaded
        .unwrap_or_else(|error| panic!("{:?}\n{text}", miette::Report::new(error)))
        .scenario
}

//! The table of keys, its schema and the reader know the same keys.

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
    let read = |text: &str| -> Value { serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap() };
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

#[test]
fn the_committed_schema_is_generated() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/profile.schema.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == crate::scenario::profile_schema(),
        "docs/profile.schema.json is not the schema; write it anew: cargo run -- schema --profile >docs/profile.schema.json"
    );
}

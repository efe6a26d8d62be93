//! The table of keys, its schema and the reader know the same keys, values and defaults.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use boon::{Compiler, Draft, Schemas};
use serde_json::Value;

use tempfile::TempDir;

use crate::scenario::{Loaded, Scenario, read::known_keys};

/// A scenario in which every example can stand.
const BASE: &str = r#"
name = "base"
[chain]
kind = "embedded"
[owners]
count = 5
tasks = 100
load = { constant = "10/s" }
min_nodes = 3
max_nodes = 6
[miners]
count = 60
"#;

/// What examples of some keys need beside them.
const BESIDE: [(&str, &str); 3] = [
    // The embedded chain forks no other.
    ("chain.fork", "chain.kind = \"anvil\""),
    (
        "owners.dedicated ",
        "owners.mode = \"hybrid\"\nminers = [{ count = 60 }, { name = \"gpu\", count = 20 }]",
    ),
    ("miners.churn.away ", "miners.churn.lifetime = \"10m\""),
];

/// Data files that examples name.
const DATA: [(&str, &str); 4] = [
    ("arrivals.csv", "at_us\n0\n1000\n"),
    ("delays.csv", "value_us,work_us\n1000,1000\n2000,2000\n"),
    ("sizes.csv", "value_bytes\n64\n128\n"),
    ("counts.csv", "value,places\n1,2\n3,1\n"),
];

/// What to do about a difference.
const REMEDY: &str = "the reader (src/scenario/read) and the table of keys (src/scenario/keys) differ";

fn schema() -> Value {
    serde_json::from_str(&super::schema()).unwrap()
}

/// Follows references; a table may be described in several alternatives.
fn walk(schema: &Value, here: &Value, path: &str, visit: &mut dyn FnMut(&str, &Value)) {
    if let Some(reference) = here["$ref"].as_str() {
        let target = schema
            .pointer(reference.trim_start_matches('#'))
            .expect("a definition");
        walk(schema, target, path, visit);
    }
    for key in ["allOf", "anyOf"] {
        for part in here[key].as_array().into_iter().flatten() {
            walk(schema, part, path, visit);
        }
    }
    if here["items"].is_object() {
        walk(schema, &here["items"], path, visit);
    }
    for (key, value) in here["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        visit(&path, value);
        walk(schema, value, &path, visit);
    }
}

/// A value of JSON as TOML writes it on one line.
fn toml(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let entries: Vec<_> = entries
                .iter()
                .map(|(key, value)| format!("{key} = {}", toml(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Array(elements) => {
            let elements: Vec<_> = elements.iter().map(toml).collect();
            format!("[{}]", elements.join(", "))
        }
        // JSON's strings, numbers and booleans are TOML's.
        scalar => scalar.to_string(),
    }
}

/// Every example of the schema, as a line of a file.
fn examples() -> Vec<String> {
    let schema = schema();
    let mut examples = Vec::new();
    walk(&schema, &schema, "", &mut |path, value| {
        for example in value["examples"].as_array().into_iter().flatten() {
            examples.push(format!("{path} = {}", toml(example)));
        }
    });
    examples.retain(|example| !example.starts_with("extends =") && !example.starts_with("protocol ="));
    examples
}

/// What a key of a table has beside it, which makes no table by itself: the kind of a behaviour, and whom a fault concerns and
/// when it ends where it must say so.
fn needed_beside(example: &str) -> Option<String> {
    if let Some((group, key)) = example.split_once(".behaviour.") {
        let kind = match key.split(' ').next()? {
            "by" => "late",
            "members" => "collude",
            "phase" => "silent",
            "probability" => "lazy",
            _ => return None,
        };
        return Some(format!("{group}.behaviour.kind = \"{kind}\""));
    }
    let path = example.split(' ').next()?;
    let (fault, key) = path.rsplit_once('.')?;
    if !["faults.censor", "faults.outage"].contains(&fault) {
        return None;
    }
    let mut beside = String::new();
    if !["role", "group", "function"].contains(&key) {
        beside += &format!("{fault}.role = \"oracle\"\n");
    }
    if fault == "faults.outage" && key != "until" {
        beside += "faults.outage.until = \"80s\"\n";
    }
    Some(beside)
}

/// Files with one example each, which extend [`BASE`], and the data files that they name.
fn files() -> (TempDir, Vec<(String, PathBuf)>) {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    for (name, text) in DATA {
        write(name, text);
    }
    write("base.toml", BASE);
    let examples = examples().into_iter().enumerate();
    let files = examples
        .map(|(index, example)| {
            let beside = BESIDE.iter().filter(|(key, _)| example.starts_with(key));
            let beside: String = beside.map(|(_, lines)| *lines).collect();
            let needed = needed_beside(&example).unwrap_or_default();
            let text = format!("extends = \"base.toml\"\n{example}\n{beside}\n{needed}\n");
            (example, write(&format!("{index}.toml"), &text))
        })
        .collect();
    (folder, files)
}

#[test]
fn every_example_of_the_schema_is_read() {
    let (_folder, files) = files();
    let mut wrong = Vec::new();
    // A base whose only miners join later has an empty pool.
    let fits = |example: &str| !example.starts_with("miners.join_after ");
    for (example, file) in files.into_iter().filter(|(example, _)| fits(example)) {
        if let Err(error) = Loaded::from_file(file) {
            wrong.push(format!("{example}: {:?}", miette::Report::new(error)));
        }
    }
    assert!(
        wrong.is_empty(),
        "{REMEDY}: it refuses examples\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_reader_and_the_schema_know_the_same_keys() {
    let schema = schema();
    let mut described = BTreeSet::new();
    walk(&schema, &schema, "", &mut |path, _| {
        described.insert(path.to_owned());
    });
    let (_folder, files) = files();
    let known: BTreeSet<_> = files.iter().flat_map(|(_, file)| known_keys(file)).collect();
    let undescribed: Vec<_> = known.difference(&described).collect();
    assert!(
        undescribed.is_empty(),
        "{REMEDY}: add these keys to the table, each with a description and examples: {undescribed:#?}"
    );
    let unknown: Vec<_> = described.difference(&known).collect();
    assert!(
        unknown.is_empty(),
        "{REMEDY}: no example makes the reader look for these keys, take them out or add an example: {unknown:#?}"
    );
}

#[test]
fn defaults_are_those_of_the_reader() {
    let schema = schema();
    let text = BASE.replace("kind = \"embedded\"\n", "");
    let base = Scenario::from_toml("base", &text).unwrap();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    walk(&schema, &schema, "", &mut |path, value| {
        // The keys of values need others beside them.
        let in_value = path.matches('.').count() > 1 || path.starts_with("thresholds.");
        if value["default"].is_null() || in_value {
            return;
        }
        seen += 1;
        let (section, key) = path.split_once('.').unwrap_or(("", path));
        let line = format!("{key} = {}", toml(&value["default"]));
        let header = format!("[{section}]\n");
        let text = if section.is_empty() {
            format!("{line}\n{text}")
        } else if text.contains(&header) {
            text.replace(&header, &format!("{header}{line}\n"))
        } else {
            format!("{text}{header}{line}\n")
        };
        if Scenario::from_toml("default", &text).ok().as_ref() != Some(&base) {
            wrong.push(format!("{path}: {}", value["default"]));
        }
    });
    assert!(
        wrong.is_empty(),
        "{REMEDY}: it has other defaults than\n{}",
        wrong.join("\n")
    );
    assert!(seen > 25, "{seen}");
}

#[test]
fn the_committed_schema_is_generated() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenario.schema.json");
    let committed = fs::read_to_string(path).unwrap_or_default();
    let remedy = "write it anew: cargo run -- schema >docs/scenario.schema.json";
    assert!(
        committed == super::schema(),
        "docs/scenario.schema.json is not the schema; {remedy}"
    );
}

#[test]
fn every_key_is_explained() {
    let schema = schema();
    let mut silent = Vec::new();
    walk(&schema, &schema, "", &mut |path, value| {
        let parts = value["anyOf"].as_array().into_iter().flatten().chain([value]);
        // A key whose table says what it is needs no words of its own.
        if !parts.into_iter().any(|part| part["description"].is_string()) && !value["properties"].is_object()
        {
            silent.push(path.to_owned());
        }
    });
    assert!(silent.is_empty(), "keys without a description: {silent:#?}");
}

/// What the schema says of a scenario's text.
fn validate(text: &str) -> Result<(), String> {
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V7);
    compiler.add_resource("schema.json", schema()).unwrap();
    let mut schemas = Schemas::new();
    let schema = compiler.compile("schema.json", &mut schemas).unwrap();
    let tree: toml::Table = text.parse().unwrap();
    let value = serde_json::to_value(tree).unwrap();
    schemas
        .validate(&value, schema)
        .map_err(|error| format!("{error:#}"))
}

#[test]
fn the_library_fits_the_schema_as_written_and_as_resolved() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let resolved = Scenario::load(&path).unwrap().to_toml();
        for text in [text, resolved] {
            assert_eq!(validate(&text), Ok(()), "{}\n{text}", path.display());
        }
        seen += 1;
    }
    assert!(seen >= 5, "{seen}");
    assert_eq!(validate(include_str!("../template.toml")), Ok(()));
}

#[test]
fn what_the_schema_refuses() {
    assert_eq!(validate(BASE), Ok(()));
    assert_eq!(
        validate("extends = \"base.toml\"\n[owners]\nredundancy = 2\n[miners.gpu]\ncount = 3"),
        Ok(())
    );
    let profile = "name = \"p\"\nprotocol = \"market.toml\"\n[parameters]\nbond = \"1 ether\"\n[[asker]]\ncount = 2\n\
                   tasks = 5\nthink = { exponential = \"2s\" }\n[[oracle]]\ncount = 1\n[answerer]\ncount = 3\n";
    assert_eq!(validate(profile), Ok(()));
    assert_eq!(
        validate("extends = \"base.toml\"\n[asker]\ncount = 3\n[answerer.bulk]\ncount = 5"),
        Ok(())
    );
    for (from, to) in [
        ("count = 2", "count = 0"),
        ("tasks = 5", "tasks = \"many\""),
        ("name = \"p\"", "name = \"p\"\nsed = 4"),
        ("protocol = \"market.toml\"", "protocol = 5"),
        ("[parameters]\nbond = \"1 ether\"", "parameters = 5"),
    ] {
        assert!(profile.contains(from), "{from}");
        assert!(validate(&profile.replace(from, to)).is_err(), "{to}");
    }
    for (from, to) in [
        ("max_nodes", "max_ndoes"),
        ("count = 5\n", ""),
        ("count = 5", "count = -5"),
        ("\"embedded\"", "\"ganache\""),
        ("name = \"base\"", "name = \"../base\""),
        ("[miners]\ncount = 60\n", ""),
        ("\"10/s\"", "\"10\""),
        ("count = 60", "count = 60\nwork_time = 100"),
        ("count = 60", "count = 60\nconcurrency = 0"),
        ("count = 60", "count = 60\nconcurrency = { uniform = [1, 2.5] }"),
        ("max_nodes", "redundancy = 256\nmax_nodes"),
    ] {
        assert_eq!(BASE.matches(from).count(), 1, "{from}");
        assert!(validate(&BASE.replace(from, to)).is_err(), "{to}");
    }
}

//! `taskstorm check`: what it prints, and how it ends.

use std::fs;

use serde_json::Value;
use taskstorm::protocol::ContractBuild;

use crate::support::{node::root, taskstorm::Taskstorm};

/// More than blocks of 12 million gas hold, and more than two miners can work on.
const OVERLOADED: &str = r#"
name = "overloaded"
[chain]
kind = "embedded"
gas_limit = 12_000_000
[owners]
count = 4
tasks = 2_000
load = { constant = "60/s" }
redundancy = 2
[miners]
count = 2
work_time = "100ms"
"#;

fn check(files: &[&str]) -> Taskstorm {
    Taskstorm::new(["check"])
        .args(files)
        .file("good.toml", include_str!("../../../src/scenario/template.toml"))
        .file("overloaded.toml", OVERLOADED)
        .file("bad.toml", "name = 3")
}

#[test]
fn an_estimate_is_told_in_words() {
    insta::assert_snapshot!("good", check(&["good.toml"]).end().stdout);
    insta::assert_snapshot!("overloaded", check(&["overloaded.toml"]).end().stdout);
    let closed = check(&["good.toml", "--set", "owners.load=back_to_back"]);
    insta::assert_snapshot!("closed", closed.end().stdout);
}

#[test]
fn every_file_is_told_of_and_one_bad_file_is_2() {
    check(&["bad.toml", "good.toml", "missing.toml"])
        .code(2)
        .stdout_has("bad.toml: invalid")
        .stdout_has("good.toml: valid")
        .stdout_has("missing.toml: invalid")
        .stderr_has("`name` must be")
        .stderr_has("cannot read")
        .end();
}

#[test]
fn json_has_the_places_and_the_numbers() {
    let files = ["bad.toml", "overloaded.toml", "--json"];
    let checked = check(&files).code(2).end().json();
    assert_eq!(checked["schema_version"], 1);
    let [bad, overloaded] = [&checked["files"][0], &checked["files"][1]];
    assert_eq!(
        (&bad["valid"], &bad["estimate"]),
        (&Value::Bool(false), &Value::Null)
    );
    let problems = bad["problems"].as_array().unwrap();
    let name = problems
        .iter()
        .find(|problem| problem["message"].as_str().unwrap().starts_with("`name` must be"))
        .unwrap();
    assert_eq!(
        (&name["line"], &name["column"]),
        (&Value::from(1), &Value::from(8))
    );
    assert_eq!(name["source"], "bad.toml");
    let contracts = &overloaded["contracts"];
    assert_eq!(contracts["source"], "built-in");
    let digest = ContractBuild::built_in().digest().all;
    assert_eq!(contracts["digest"]["all"], digest.to_string());
    let estimate = &overloaded["estimate"];
    assert_eq!(estimate["tasks"], 2_000);
    assert_eq!(estimate["gas_verdict"], "overloaded");
    // 60 tasks/s of 2 miners and 0.1 s each are 12 s of work a second, of 2 miners.
    assert_eq!(estimate["miners_verdict"], "overloaded");
    let busy = estimate["miners"]["mean"].as_f64().unwrap();
    assert!((busy - 6.0).abs() < 0.01, "{busy}");
}

#[test]
fn the_whole_library_checks_at_once() {
    let library = root().join("scenarios");
    let mut files: Vec<_> = fs::read_dir(&library)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| path.display().to_string())
        .collect();
    files.sort();
    let checked = Taskstorm::new(["check", "--json", "--no-forecast"])
        .args(files)
        .end()
        .json();
    for file in checked["files"].as_array().unwrap() {
        assert!(file["estimate"]["total"]["gas"].as_u64().unwrap() > 0, "{file}");
    }
}

//! The mutants of the contracts (`tools/mutants`): enough of them, and the obvious ones are caught by a hunt, whose Foundry tests
//! the real forge runs.

use std::path::Path;

use serde_json::Value;

use crate::support::{node, place::Place, taskstorm::EXECUTABLE};

const SCRIPT: &str = "tools/mutants/run.mjs";
/// One of each kind: a check, a guard, who is asked for, a payment, a reservation, an event.
const OBVIOUS: [&str; 6] = [
    "take-any-owner",
    "withdraw-by-anybody",
    "owner-origin",
    "settle-double",
    "deactivate-keeps-one",
    "register-silent",
];

/// The compiler's cache outlives a test run.
fn out() -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants");
    folder.to_str().expect("a path").to_owned()
}

#[test]
fn there_are_many_mutants_and_none_is_listed_twice() {
    let output = node::run(SCRIPT, &["--list"]);
    assert!(output.status.success(), "{}", node::stderr(&output));
    let list = String::from_utf8(output.stdout).unwrap();
    let mut ids: Vec<&str> = list.lines().filter_map(|line| line.split('\t').next()).collect();
    let count = ids.len();
    assert!(count >= 80, "{count} mutants");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn obvious_mutants_are_caught_by_a_hunt() {
    let (out, only) = (out(), OBVIOUS.join(","));
    let own = ["--out", &out, "--only", &only, "--budget", "120s", "--"];
    let hunt = [EXECUTABLE, "hunt", "tools/mutants/small.toml", "--runs", "256"];
    let arguments = [&own[..], &hunt, &["--out", "{dir}"]].concat();
    let output = node::run(SCRIPT, &arguments);
    let place = Path::new(&out).join("mutants.json");
    let document: Value = serde_json::from_slice(&std::fs::read(place).unwrap_or_default())
        .unwrap_or_else(|_| panic!("{}", node::stderr(&output)));
    assert_eq!(output.status.code(), Some(0), "{document:#}");
    assert_eq!(document["counts"]["caught"], OBVIOUS.len(), "{document:#}");

    let forge = node::run("tools/mutants/forge.mjs", &[&out]);
    let told = String::from_utf8(forge.stdout.clone()).unwrap();
    assert_eq!(forge.status.code(), Some(0), "{told}{}", node::stderr(&forge));
    let last = told.lines().last().unwrap_or_default();
    let count: usize = last
        .split(' ')
        .next()
        .and_then(|count| count.parse().ok())
        .expect("a count");
    assert!(count >= OBVIOUS.len(), "each finding has a Foundry test: {told}");
    assert_eq!(
        last,
        format!("{count} of {count} tests fail on their mutant and pass on the original")
    );
}

#[test]
fn a_patch_that_fits_no_more_is_an_error_that_names_it() {
    let place = Place::with(
        "own.mjs",
        r#"export const OWN = [{ id: "gone", at: "Owned.transferOwnership", description: "", find: "tomorrow", replace: "" }];"#,
    );
    let own = place.path("own.mjs");
    let output = node::run(SCRIPT, &["--list", "--own", own.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = node::stderr(&output);
    assert!(stderr.contains("mutant gone"), "{stderr}");
}

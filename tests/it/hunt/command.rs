//! The commands on contracts with a fault.

use std::{fs, path::Path};

use nix::sys::signal::Signal;
use serde_json::Value;

use super::support::{SCENARIO, abi, with_a_silent_ack};
use crate::support::place::Place;

/// A folder with a scenario and contracts with a fault, and a hunt in it to the folder `out`.
fn hunted(place: &Place, more: &[&str]) -> Value {
    place.write("scenario.toml", SCENARIO);
    with_a_silent_ack(place, "faulty.json");
    let arguments = [
        "hunt",
        "scenario.toml",
        "--artifacts",
        "faulty.json",
        "--json",
        "--quiet",
    ];
    let ended = place.taskstorm(arguments).args(more).code(5).end();
    ended.json()
}

/// The names of the files in a folder that end so.
fn names(folder: &Path, end: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
    let mut names: Vec<String> = names.filter(|name| name.ends_with(end)).collect();
    names.sort_unstable();
    names
}

/// What a hunt found and covered, whatever it took.
fn without_time(mut hunt: Value) -> Value {
    hunt["seconds"] = Value::Null;
    hunt
}

#[test]
fn a_fault_is_found_shrunk_replayed_and_told_fixed() {
    let place = Place::new();
    let hunt = hunted(&place, &["--runs", "64", "--out", "out", "--junit", "hunt.xml"]);
    let findings = hunt["findings"].as_array().expect("findings");
    let ack = findings
        .iter()
        .find(|finding| finding["function"] == "ack")
        .expect("an ack");
    assert_eq!(ack["rule"], "I10", "{ack}");
    let length = ack["transactions"].as_array().expect("transactions").len();
    assert!(
        length <= 5,
        "register, create, perhaps a deposit, submit and ack: {ack}"
    );

    let folder = place.path("out/findings");
    let tests = names(&folder, ".t.sol");
    assert_eq!(names(&folder, ".toml").len(), findings.len());
    assert!(!tests.is_empty());
    assert!(place.read("hunt.xml").contains("failures=\""), "JUnit XML");

    let file = format!("out/findings/{}.toml", ack["name"].as_str().expect("a name"));
    place
        .taskstorm(["replay", &file])
        .code(5)
        .stdout_has("Still broken after")
        .end();
    let fixed = abi().display().to_string();
    place
        .taskstorm(["replay", &file, "--artifacts", &fixed])
        .stdout_has("Fixed: nothing is broken after")
        .stderr_has("other contracts than those of the finding")
        .end();
}

#[test]
fn an_interrupted_hunt_keeps_what_it_found() {
    let place = Place::with("scenario.toml", SCENARIO);
    with_a_silent_ack(&place, "faulty.json");
    let arguments = [
        "hunt",
        "scenario.toml",
        "--artifacts",
        "faulty.json",
        "--for",
        "10m",
        "--out",
        "out",
        "--quiet",
    ];
    let hunt = place.taskstorm(arguments).code(130).start();
    let findings = place.path("out/findings");
    hunt.until("a finding", || {
        findings.exists() && !names(&findings, ".toml").is_empty()
    });
    hunt.signal(Signal::SIGINT);
    hunt.end();
    let summary: Value = serde_json::from_str(&place.read("out/hunt.json")).expect("JSON");
    assert_eq!(summary["interrupted"], true);
    let found = summary["findings"].as_array().expect("findings").len();
    assert_eq!(names(&findings, ".toml").len(), found);
}

#[test]
fn the_number_of_jobs_changes_nothing() {
    let place = Place::new();
    let [one, three] = ["1", "3"].map(|jobs| {
        let out = format!("out-{jobs}");
        without_time(hunted(&place, &["--runs", "96", "--jobs", jobs, "--out", &out]))
    });
    assert_eq!(one, three);
    let files = |out: &str| names(&place.path(out).join("findings"), "");
    assert_eq!(files("out-1"), files("out-3"));
    for name in files("out-1") {
        let read = |out: &str| place.read(&format!("{out}/findings/{name}"));
        assert_eq!(read("out-1"), read("out-3"), "{name}");
    }
}

#[test]
fn a_corpus_is_replayed_before_anything_else() {
    let place = Place::new();
    hunted(&place, &["--runs", "64", "--out", "first", "--corpus", "corpus"]);
    assert!(!names(&place.path("corpus"), ".toml").is_empty());
    let again = hunted(&place, &["--runs", "0", "--out", "second", "--corpus", "corpus"]);
    assert_eq!(again["runs"], 0);
    assert!(!again["findings"].as_array().expect("findings").is_empty());
}

#[test]
fn what_is_no_replay_file_is_told_with_its_place() {
    let place = Place::with("not.toml", "format = 1\nversion = 7\n");
    place
        .taskstorm(["replay", "not.toml"])
        .code(2)
        .stderr_has("not.toml is not a replay file")
        .end();
    place
        .taskstorm(["replay", "gone.toml"])
        .code(2)
        .stderr_has("cannot read gone.toml")
        .end();
}

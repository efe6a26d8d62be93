//! Files that are wrong on purpose: the whole message is what a person sees, and names the place and the remedy.

use std::{collections::BTreeSet, fs};

use crate::support::{node::root, place::Place};

/// A copy of the folder, and the names of every file of it but those that are there for another.
fn files() -> (Place, BTreeSet<String>) {
    let place = Place::new();
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(root().join("tests/it/tools/wrong")).expect("the folder") {
        let entry = entry.expect("a file");
        let name = entry.file_name().to_string_lossy().into_owned();
        place.write(&name, fs::read(entry.path()).expect("a file"));
        names.insert(name);
    }
    names.remove("circle-back.toml");
    (place, names)
}

#[test]
fn every_wrong_file_is_explained() {
    let (place, files) = files();
    assert!(files.len() >= 14, "{files:?}");
    for name in files {
        let code = if name == "short-windows.toml" { 0 } else { 2 };
        let check = place.taskstorm(["check", &name]).code(code);
        let said = check.stderr_has("help: ").end().stderr;
        insta::assert_snapshot!(name.trim_end_matches(".toml"), said);
    }
}

#[test]
fn run_says_the_same_of_a_wrong_file_as_check() {
    let (place, _) = files();
    for name in ["negative-count.toml", "circle.toml", "wrong-in-the-base.toml"] {
        let said = place.taskstorm(["check", name]).code(2).end().stderr;
        place.taskstorm(["run", name]).code(2).stderr(&said).end();
    }
}

#[test]
fn a_wrong_flag_is_explained() {
    let (place, _) = files();
    for (name, set) in [
        ("set_misspelt", "miners.cuont=3"),
        ("set_rate_without_unit", "owners.load.constant=30"),
        ("set_against_the_file", "owners.redundancy=30"),
        ("set_of_no_group", "miners.gpu.count=3"),
    ] {
        let check = place.taskstorm(["check", "short-windows.toml", "--set", set]);
        insta::assert_snapshot!(name, check.code(2).end().stderr);
    }
}

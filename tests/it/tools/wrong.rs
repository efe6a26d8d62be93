//! Files that are wrong on purpose: the whole message is what a person sees, and names the place and the remedy.

use std::{collections::BTreeSet, fs, path::PathBuf};

use super::{taskstorm, text};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/tools/wrong")
}

/// Every file of the folder but those that are there for another.
fn files() -> BTreeSet<String> {
    fs::read_dir(folder())
        .expect("the folder")
        .map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned())
        .filter(|name| name != "circle-back.toml")
        .collect()
}

#[test]
fn every_wrong_file_is_explained() {
    let files = files();
    assert!(files.len() >= 14, "{files:?}");
    for name in files {
        let output = taskstorm(&folder(), &["check", &name]);
        let doubtful = name == "short-windows.toml";
        assert_eq!(output.status.code(), Some(if doubtful { 0 } else { 2 }), "{name}");
        let said = text(&output.stderr);
        assert!(said.contains("help: "), "{name} names no remedy: {said}");
        insta::assert_snapshot!(name.trim_end_matches(".toml"), said);
    }
}

#[test]
fn run_says_the_same_of_a_wrong_file_as_check() {
    for name in ["negative-count.toml", "circle.toml", "wrong-in-the-base.toml"] {
        let [checked, ran] = ["check", "run"].map(|command| taskstorm(&folder(), &[command, name]));
        assert_eq!(ran.status.code(), Some(2), "{name}");
        assert_eq!(text(&ran.stderr), text(&checked.stderr), "{name}");
    }
}

#[test]
fn a_wrong_flag_is_explained() {
    for (name, flags) in [
        ("set_misspelt", ["--set", "miners.cuont=3"]),
        ("set_rate_without_unit", ["--set", "owners.load.constant=30"]),
        ("set_against_the_file", ["--set", "owners.redundancy=30"]),
        ("set_of_no_group", ["--set", "miners.gpu.count=3"]),
    ] {
        let output = taskstorm(&folder(), &["check", "short-windows.toml", flags[0], flags[1]]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        insta::assert_snapshot!(name, text(&output.stderr));
    }
}

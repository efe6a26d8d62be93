//! A run's folder gives the same run again, data files included.

use std::{fs, process::Command};

use super::simulate;
use crate::run::command::Trial;

const OBSERVED: &str = r#"
name = "observed"
[chain]
kind = "embedded"
[owners]
count = 2
tasks = 12
payload_size = { empirical = "sizes.csv" }
[miners]
count = 4
work_time = { empirical = { file = "work.csv", column = "work_ms" } }
"#;

const FILES: &str = "printf 'low_bytes,high_bytes,count\\n10,90,3\\n500,500,1\\n' >sizes.csv
                     printf 'id,work_ms\\n1,120.5\\n2,340\\n3,80\\n' >work.csv";

#[test]
fn a_runs_folder_is_all_that_the_same_run_needs() {
    let first = Trial::of(OBSERVED).after(FILES).with(&["--quiet"]).end();
    first.success();
    let copied = fs::read_to_string(first.out().join("inputs/miners-1.work_time.csv")).expect("a copy");
    assert_eq!(copied, "value_us\n120500\n340000\n80000\n");

    // Elsewhere, with nothing of the first place but its folder.
    let elsewhere = tempfile::tempdir().expect("a folder");
    let moved = elsewhere.path().join("moved");
    fs::rename(first.out(), &moved).expect("to move it");
    let again = Command::new(env!("CARGO_BIN_EXE_taskstorm"))
        .args(["run", "moved/scenario.toml", "--quiet", "--out", "again"])
        .current_dir(elsewhere.path())
        .output()
        .expect("taskstorm runs");
    assert!(again.status.success(), "{again:?}");
    for name in [
        "scenario.toml",
        "transactions.csv",
        "tasks.csv",
        "summary.json",
        "latency.hlog",
        "inputs/miners-1.work_time.csv",
        "inputs/owners-1.payload_size.csv",
    ] {
        let bytes = |folder: &str| fs::read(elsewhere.path().join(folder).join(name)).expect(name);
        assert!(bytes("moved") == bytes("again"), "{name}");
    }
}

#[test]
fn a_run_that_cannot_begin_leaves_no_copies() {
    let refused = Trial::of(OBSERVED)
        .after(FILES)
        .with(&["--chain", "http://127.0.0.1:1"])
        .end();
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    assert!(!refused.out().exists());
}

#[test]
fn a_missing_file_is_2() {
    let refused = simulate(OBSERVED);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("cannot read the data file sizes.csv:"),
        "{}",
        refused.stderr
    );
}

//! A run's folder gives the same run again, data files included.

use std::fs;

use crate::support::{place::Place, taskstorm::Taskstorm};

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

/// A run of it with its files.
fn observed() -> Taskstorm {
    Taskstorm::run(OBSERVED)
        .file("sizes.csv", "low_bytes,high_bytes,count\n10,90,3\n500,500,1\n")
        .file("work.csv", "id,work_ms\n1,120.5\n2,340\n3,80\n")
}

#[test]
fn a_runs_folder_is_all_that_the_same_run_needs() {
    let first = observed().args(["--quiet"]).end();
    first.success();
    let copied = first.place().read("out/inputs/miners-1.work_time.csv");
    assert_eq!(copied, "value_us\n120500\n340000\n80000\n");

    // Elsewhere, with nothing of the first place but its folder.
    let elsewhere = Place::new();
    fs::rename(first.out(), elsewhere.path("moved")).expect("to move it");
    elsewhere
        .taskstorm(["run", "moved/scenario.toml", "--quiet", "--out", "again"])
        .end();
    let bytes = |folder: &str, name: &str| fs::read(elsewhere.path(folder).join(name)).expect(name);
    for name in [
        "scenario.toml",
        "transactions.csv",
        "tasks.csv",
        "summary.json",
        "latency.hlog",
        "inputs/miners-1.work_time.csv",
        "inputs/owners-1.payload_size.csv",
    ] {
        assert!(bytes("moved", name) == bytes("again", name), "{name}");
    }
}

#[test]
fn a_run_that_cannot_begin_leaves_no_copies() {
    observed()
        .args(["--chain", "http://127.0.0.1:1"])
        .code(3)
        .leaves_no("out")
        .end();
}

#[test]
fn a_missing_file_is_2() {
    Taskstorm::simulate(OBSERVED)
        .code(2)
        .stderr_has("cannot read the data file sizes.csv:")
        .end();
}

//! Contracts without a fault: nothing is found.

use super::support::SCENARIO;
use crate::{protocols::protocols, support::place::Place};

#[test]
fn nothing_is_found_in_the_reference_contracts() {
    let place = Place::with("scenario.toml", SCENARIO);
    place
        .taskstorm([
            "hunt",
            "scenario.toml",
            "--runs",
            "128",
            "--out",
            "out",
            "--quiet",
        ])
        .stdout_has("Nothing found.")
        .leaves("out/hunt.json")
        .end();
    // The folder of a hunt is not another's.
    place
        .taskstorm(["hunt", "scenario.toml", "--runs", "1", "--out", "out"])
        .code(2)
        .stderr_has("already holds a hunt")
        .end();
}

#[test]
fn nothing_is_found_in_a_profile() {
    let scenario = protocols().join("scenarios/jobs.toml").display().to_string();
    let place = Place::new();
    place
        .taskstorm(["hunt", &scenario, "--runs", "24", "--out", "out", "--quiet"])
        .stdout_has("Nothing found.")
        .end();
}

/// Blocks that nobody had seen yet were replaced by a reorg that kept some of them: those were never seen.
#[test]
fn a_run_that_was_once_accused_is_not() {
    let run = include_str!("innocent/reorg-of-unseen-blocks.toml");
    Place::with("run.toml", run)
        .taskstorm(["replay", "run.toml"])
        .stdout_has("Fixed: nothing is broken after the run.")
        .end();
}

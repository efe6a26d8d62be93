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

//! Commands on a scenario that runs a profile: its groups are set, varied, scaled and read back as owners are.

use std::{fs, path::Path};

use serde_json::Value;

use crate::support::place::Place;

/// The reference protocol, told as a profile.
fn scenario() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("protocols/scenarios/reference.toml")
        .display()
        .to_string()
}

/// A folder with the run `out`, of a few tasks.
fn ran() -> Place {
    let place = Place::new();
    let few = [
        "--set",
        "owner.tasks=20",
        "--threshold",
        "task.precommit.p99 < 9s",
    ];
    let run = ["run", &scenario(), "--out", "out", "--no-charts"];
    place.taskstorm(run.iter().chain(&few)).end();
    place
}

/// The tables of a summary: what is counted from rows.
fn tables(summary: &str) -> &str {
    let begin = summary.find("response time and gas").expect("a table");
    let end = summary.find("thresholds:").expect("thresholds");
    &summary[begin..end]
}

#[test]
fn a_run_that_lost_its_result_is_counted_again_by_the_profiles_names() {
    let place = ran();
    let report = || place.taskstorm(["report", "out"]).end().stdout;
    let whole = report();
    assert!(tables(&whole).contains("precommit"), "{whole}");
    fs::remove_file(place.path("out/summary.json")).unwrap();
    let counted = report();
    assert!(counted.contains("INCOMPLETE"), "{counted}");
    assert_eq!(tables(&counted), tables(&whole));
    assert!(counted.contains("held    task.precommit.p99 < 9s"), "{counted}");
}

#[test]
fn the_scenario_in_a_runs_folder_gives_the_same_run() {
    let place = ran();
    let again = ["run", "out/scenario.toml", "--out", "again", "--no-charts"];
    place.taskstorm(again).end();
    for file in ["scenario.toml", "transactions.csv", "tasks.csv"] {
        assert_eq!(
            place.read(&format!("out/{file}")),
            place.read(&format!("again/{file}")),
            "{file}"
        );
    }
}

#[test]
fn sweeps_vary_groups_and_parameters() {
    let place = Place::new();
    let vary = ["--vary", "owner.count=2,5", "--vary", "parameters.redundancy=1,2"];
    let sweep = ["sweep", &scenario(), "--set", "owner.tasks=10", "--out", "out"];
    let said = place.taskstorm(sweep.iter().chain(&vary)).end().stdout;
    for cell in [
        "2            1 ",
        "2            2 ",
        "5            1 ",
        "5            2 ",
    ] {
        assert!(said.lines().any(|line| line.starts_with(cell)), "{cell}: {said}");
    }
}

#[test]
fn capacity_searches_scale_the_load_of_the_submitting_role() {
    let place = Place::new();
    let search = [
        "capacity",
        &scenario(),
        "--hold=task.ack.p99 < 3s",
        "--from=4/s",
        "--max-rate=8/s",
        "--tolerance=0.5",
        "--repeats=1",
        "--step-duration=30s",
        "--out=out",
        "--json",
    ];
    let found: Value = serde_json::from_str(&place.taskstorm(search).end().stdout).unwrap();
    assert_eq!(found["capacity_per_s"], 8.0, "{found}");
    let steps = found["steps"].as_array().unwrap();
    let rates: Vec<_> = steps
        .iter()
        .map(|step| step["rate_per_s"].as_f64().unwrap())
        .collect();
    assert_eq!(rates, [4.0, 8.0]);
    for (step, rate) in steps.iter().zip(rates) {
        assert_eq!(step["tasks_submitted"].as_f64(), Some(rate * 30.0), "{step}");
    }
}

#[test]
fn a_threshold_of_a_flag_names_a_metric_of_the_profile() {
    for flag in ["--threshold", "--hold"] {
        let command = if flag == "--hold" { "capacity" } else { "run" };
        let misspelt = [command, &scenario(), flag, "task.precomit.p99 < 1s"];
        let refused = Place::new().taskstorm(misspelt).code(2).stdout("").end().stderr;
        assert!(refused.contains("no metric: `task.precomit.p99`"), "{refused}");
        assert!(refused.contains("task.precommit.p99"), "{refused}");
    }
}

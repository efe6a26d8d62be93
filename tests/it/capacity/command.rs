//! `taskstorm capacity`, as a user runs it.

use nix::sys::signal::Signal;
use taskstorm::{
    capacity::{CapacityResult, SearchEnd},
    scenario::Scenario,
};

use crate::support::{
    place::Place,
    scenario::{self, SMOKE},
    taskstorm::Taskstorm,
};

const GAS: &str = include_str!("gas.toml");

fn capacity(scenario: &str, arguments: &[&str]) -> Taskstorm {
    Taskstorm::new(["capacity", "scenario.toml", "--out", "out"])
        .file("scenario.toml", scenario)
        .args(arguments)
}

fn result(place: &Place) -> CapacityResult {
    serde_json::from_str(&place.read("out/capacity.json")).expect("a result")
}

const QUICK: [&str; 8] = [
    "--step-duration",
    "30s",
    "--tolerance",
    "20%",
    "--repeats",
    "1",
    "--hold",
    "task.total.p99 < 20s",
];

#[test]
fn a_search_prints_a_table_and_writes_every_step() {
    let first = capacity(GAS, &QUICK)
        .stderr_has("step 1, 10/s: held")
        .leaves("out/charts/latency-versus-load.png")
        .end();
    insta::assert_snapshot!("table", first.stdout);
    let read = |file: &str| first.place().read(&format!("out/{file}"));
    let csv = read("capacity.csv");
    let found = result(first.place());
    assert_eq!(csv.lines().count(), found.steps.len() + 1);
    let chart = read("charts/latency-versus-load.svg");
    assert!(chart.contains("simulated"), "the chart says what its times are");
    insta::assert_snapshot!("csv_header", csv.lines().next().unwrap());
    // The same scenario and seed make the same steps.
    let again = capacity(GAS, &QUICK).args(["--max-steps", "2"]).code(4).end();
    let again = result(again.place());
    assert_eq!(
        (again.end, &again.steps[..]),
        (SearchEnd::OutOfSteps, &found.steps[..2])
    );
    let scenario = Scenario::from_toml("scenario.toml", &read("scenario.toml")).unwrap();
    assert_eq!(scenario.thresholds[0].expression(), "task.total.p99 < 20s");
}

#[test]
fn misuse_is_2_and_says_what_would_be_right() {
    let closed = GAS.replace("load = { constant = \"10/s\" }", "");
    for (name, scenario, arguments) in [
        ("nothing_to_hold", GAS, &[][..]),
        (
            "no_open_load",
            closed.as_str(),
            &["--hold", "tasks.failed.count == 0"],
        ),
        ("no_threshold", GAS, &["--hold", "tasks.failed"]),
        (
            "no_rate",
            GAS,
            &["--hold", "tasks.failed.count == 0", "--from", "10"],
        ),
        (
            "no_tolerance",
            GAS,
            &["--hold", "tasks.failed.count == 0", "--tolerance", "90%"],
        ),
        (
            "no_time",
            GAS,
            &["--hold", "tasks.failed.count == 0", "--step-duration", "10ms"],
        ),
    ] {
        let refused = capacity(scenario, arguments).code(2).leaves_no("out").end();
        insta::assert_snapshot!(name, refused.stderr);
    }
    capacity(GAS, &QUICK)
        .file("out/capacity.csv", "")
        .code(2)
        .stderr_has("already holds a run (capacity.csv)")
        .end();
}

#[test]
fn ctrl_c_writes_what_there_was() {
    let arguments = [
        "--step-duration",
        "2m",
        "--tolerance",
        "0.1%",
        "--hold",
        "task.total.p99 < 20s",
        "--repeats",
        "9",
    ];
    let run = capacity(GAS, &arguments).code(130).start();
    run.until("a step", || run.place().has("out/capacity.json"));
    run.signal(Signal::SIGINT);
    let found = result(run.end().place());
    assert_eq!(found.end, SearchEnd::Interrupted);
    assert!(!found.steps.is_empty());
}

#[test]
fn a_search_on_a_real_anvil() {
    let scenario = scenario::with(SMOKE, "owners.load = { constant = \"5/s\" }");
    let arguments = [
        "--hold",
        "tasks.ended.ratio == 1",
        "--step-duration",
        "8s",
        "--max-rate",
        "6/s",
        "--repeats",
        "1",
        // A step of 48 tasks tells no more, and a machine that is busy does not lengthen it.
        "--tolerance",
        "25%",
    ];
    let ended = capacity(&scenario, &arguments).end();
    let found = result(ended.place());
    assert_eq!(
        (found.end, found.capacity_per_s),
        (SearchEnd::HighestHolds, Some(6.0)),
        "{}",
        ended.stdout
    );
    assert_eq!(found.chain.kind, "anvil");
    let step = &found.steps[0];
    assert!(
        step.acceptance_us.is_some() && step.block_interval_us.is_some(),
        "{step:?}"
    );
    assert!(found.saturation.signs.len() == 4, "{:?}", found.saturation);
}

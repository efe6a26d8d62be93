//! `taskstorm capacity`, as a user runs it.

use std::{
    fs,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use taskstorm::{
    capacity::{CapacityResult, SearchEnd},
    scenario::Scenario,
};
use tempfile::TempDir;

const GAS: &str = include_str!("gas.toml");

/// A place with the scenario in it.
fn place(scenario: &str) -> TempDir {
    let place = TempDir::new().expect("a temporary folder");
    fs::write(place.path().join("scenario.toml"), scenario).expect("a scenario file");
    place
}

fn capacity(place: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taskstorm"));
    command
        .args(["capacity", "scenario.toml", "--out", "out"])
        .args(arguments)
        .current_dir(place.path())
        .env("ANVIL", &crate::support::anvil::found().executable)
        .env_remove("RUST_LOG");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn result(place: &TempDir) -> CapacityResult {
    let json = fs::read(place.path().join("out/capacity.json")).expect("capacity.json");
    serde_json::from_slice(&json).expect("a result")
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
    let run = |more: &[&str]| {
        let place = place(GAS);
        let output: Output = capacity(&place, &QUICK)
            .args(more)
            .output()
            .expect("taskstorm starts");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        (place, output)
    };
    let ((place, output), (again, _)) = (run(&[]), run(&["--max-steps", "2"]));
    insta::assert_snapshot!("table", text(&output.stdout));
    let read = |place: &TempDir, file: &str| fs::read_to_string(place.path().join("out").join(file)).unwrap();
    let csv = read(&place, "capacity.csv");
    let found = result(&place);
    assert_eq!(csv.lines().count(), found.steps.len() + 1);
    let chart = read(&place, "charts/latency-versus-load.svg");
    assert!(chart.contains("simulated"), "the chart says what its times are");
    assert!(place.path().join("out/charts/latency-versus-load.png").exists());
    insta::assert_snapshot!("csv_header", csv.lines().next().unwrap());
    // The same scenario and seed make the same steps.
    let again = result(&again);
    assert_eq!(
        (again.end, &again.steps[..]),
        (SearchEnd::OutOfSteps, &found.steps[..2])
    );
    let scenario = Scenario::from_toml("scenario.toml", &read(&place, "scenario.toml")).unwrap();
    assert_eq!(scenario.thresholds[0].expression(), "task.total.p99 < 20s");
    assert!(
        text(&output.stderr).contains("step 1, 10/s: held"),
        "{}",
        text(&output.stderr)
    );
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
        let place = place(scenario);
        let output = capacity(&place, arguments).output().expect("taskstorm starts");
        assert_eq!(output.status.code(), Some(2), "{name}: {}", text(&output.stderr));
        assert!(!place.path().join("out").exists(), "{name}");
        insta::assert_snapshot!(name, text(&output.stderr));
    }
    let place = place(GAS);
    fs::create_dir(place.path().join("out")).unwrap();
    fs::write(place.path().join("out/capacity.csv"), "").unwrap();
    let output = capacity(&place, &QUICK).output().expect("taskstorm starts");
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(
        text(&output.stderr).contains("already holds a run (capacity.csv)"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn ctrl_c_writes_what_there_was() {
    let place = place(GAS);
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
    let mut child = capacity(&place, &arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("taskstorm starts");
    let began = Instant::now();
    while !place.path().join("out/capacity.json").exists() {
        assert!(began.elapsed() < Duration::from_secs(60), "no step was made");
        thread::sleep(Duration::from_millis(20));
    }
    let pid = child.id().to_string();
    Command::new("kill").args(["-INT", &pid]).status().expect("kill");
    let status = child.wait().expect("a child");
    assert_eq!(status.code(), Some(130));
    let found = result(&place);
    assert_eq!(found.end, SearchEnd::Interrupted);
    assert!(!found.steps.is_empty());
}

#[test]
fn a_search_on_a_real_anvil() {
    let scenario = include_str!("../../../scenarios/smoke.toml").replace(
        "load = { back_to_back = { in_flight = 2 } }",
        "load = { constant = \"5/s\" }",
    );
    let place = place(&scenario);
    let arguments = [
        "--hold",
        "tasks.ended.ratio == 1",
        "--step-duration",
        "8s",
        "--max-rate",
        "6/s",
        "--repeats",
        "1",
    ];
    let output = capacity(&place, &arguments).output().expect("taskstorm starts");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let found = result(&place);
    assert_eq!(
        (found.end, found.capacity_per_s),
        (SearchEnd::HighestHolds, Some(6.0)),
        "{}",
        text(&output.stdout)
    );
    assert_eq!(found.chain.kind, "anvil");
    let step = &found.steps[0];
    assert!(
        step.acceptance_us.is_some() && step.block_interval_us.is_some(),
        "{step:?}"
    );
    assert!(found.saturation.signs.len() == 4, "{:?}", found.saturation);
}

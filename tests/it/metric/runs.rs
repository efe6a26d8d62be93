//! Runs with thresholds, as a user runs them.

use taskstorm::record::StopReason;

use crate::support::{
    scenario::SMOKE,
    taskstorm::{Ended, Taskstorm},
};

fn smoke(arguments: &[&str]) -> Taskstorm {
    Taskstorm::simulate(SMOKE).args(arguments)
}

fn junit(ended: &Ended) -> String {
    ended.place().read("junit.xml")
}

#[test]
fn thresholds_that_hold_are_reported_and_the_run_succeeds() {
    let ended = smoke(&[
        "--threshold",
        "tasks.ended.ratio >= 100%",
        "--threshold=phase.ack.gas.p50 <= 60000",
        "--junit",
        "junit.xml",
    ])
    .stdout_has("thresholds: 2 of 2 held")
    .end();
    let folder = ended.success();
    let verdicts = &folder.result.thresholds;
    assert_eq!(verdicts.len(), 2);
    assert!(verdicts.iter().all(|verdict| verdict.held), "{verdicts:?}");
    assert!(junit(&ended).contains("failures=\"0\""), "{}", junit(&ended));
    // What the scenario asks for is written beside the results, and read back.
    let written = ended.place().read("out/scenario.toml");
    assert!(written.contains("\"tasks.ended.ratio >= 100%\","), "{written}");
}

#[test]
fn failed_tasks_are_4_unless_a_threshold_says_how_many_may_fail() {
    let all_silent = SMOKE.replace("ack_delay = \"5ms\"", "ack_delay = \"60s\"");
    assert_ne!(all_silent, SMOKE);
    let limit = |scenario: &str, threshold: &str| {
        scenario.replace("seed = 1", &format!("seed = 1\nthresholds = [\"{threshold}\"]"))
    };
    let all_end = SMOKE.to_owned();
    for (scenario, arguments, code, expressions) in [
        (&all_end, &[][..], 0, &["tasks.failed.count == 0"][..]),
        (&all_silent, &[], 4, &["tasks.failed.count == 0"]),
        (
            &limit(&all_silent, "tasks.failed.count <= 8"),
            &[],
            0,
            &["tasks.failed.count <= 8"],
        ),
        (
            &limit(&all_silent, "tasks.ended.ratio >= 0%"),
            &[],
            0,
            &["tasks.ended.ratio >= 0%"],
        ),
        (
            &all_silent,
            &["--threshold=tasks.failed.ratio <= 100%"],
            0,
            &["tasks.failed.ratio <= 100%"],
        ),
        (
            &limit(&all_silent, "run.duration < 1h"),
            &[],
            4,
            &["run.duration < 1h", "tasks.failed.count == 0"],
        ),
    ] {
        let run = Taskstorm::simulate(scenario).args(["--junit", "junit.xml"]);
        let ended = run.args(arguments).code(code).end();
        let verdicts = ended.folder().result.thresholds;
        let found: Vec<&str> = verdicts
            .iter()
            .map(|verdict| verdict.expression.as_str())
            .collect();
        assert_eq!(found, expressions);
        for expression in expressions {
            let escaped = expression.replace('<', "&lt;").replace('>', "&gt;");
            assert!(junit(&ended).contains(&escaped), "{}", junit(&ended));
            assert!(ended.stdout.contains(expression), "{}", ended.stdout);
        }
    }
}

#[test]
fn a_threshold_that_fails_is_4_after_all_files_are_written() {
    let scenario = SMOKE.replace(
        "seed = 1",
        "seed = 1\nthresholds = [\"task.total.p99 < 1ms\", \"tasks.failed.count == 0\"]",
    );
    let ended = Taskstorm::simulate(&scenario)
        .args(["--junit", "junit.xml"])
        .code(4)
        .stdout_has("thresholds: 1 of 2 held")
        .stderr_has("threshold failed: task.total.p99 < 1ms, measured")
        .end();
    assert!(ended.folder().result.complete);
    let xml = junit(&ended);
    assert!(xml.contains("failures=\"1\""), "{xml}");
    for file in [
        "summary.json",
        "phases.csv",
        "latency.hlog",
        "scenario.toml",
        "tasks.csv",
    ] {
        assert!(ended.out().join(file).exists(), "{file}");
    }
}

#[test]
fn a_run_stops_as_soon_as_a_threshold_is_lost() {
    let million = include_str!("../../../scenarios/quickstart.toml");
    let run = |arguments: &[&str]| {
        Taskstorm::simulate(million)
            .args(["--threshold", "task.total.p99 < 1s"])
            .args(arguments)
            .code(4)
            .end()
    };
    let (whole, early) = (run(&[]), run(&["--stop-early", "--junit", "junit.xml"]));
    let (whole, stopped) = (whole.folder().result, early.folder().result);
    assert_eq!(stopped.stop_reason, StopReason::ThresholdLost);
    assert_eq!(
        stopped.stop_message.as_deref(),
        Some("`task.total.p99 < 1s` could no longer hold")
    );
    assert!(!stopped.complete && !stopped.thresholds[0].held);
    assert!(stopped.duration_us < whole.duration_us);
    assert!(stopped.tasks.unfinished > 0);
    // What stopped it is a failure of the threshold, not an error of the run.
    assert!(junit(&early).contains("errors=\"0\""), "{}", junit(&early));
}

#[test]
fn seeds_are_judged_one_by_one() {
    let ended = smoke(&[
        "--seeds",
        "1..3",
        "--threshold",
        "task.total.p99 < 1ms",
        "--junit",
        "junit.xml",
    ])
    .code(4)
    .end();
    for seed in 1..=3 {
        assert!(
            ended
                .stdout
                .contains(&format!("FAILED  seed {seed}: task.total.p99 < 1ms: ")),
            "{}",
            ended.stdout
        );
    }
    assert_eq!(junit(&ended).matches("<testsuite ").count(), 3);
}

#[test]
fn a_junit_file_that_cannot_be_written_is_found_before_the_run() {
    smoke(&["--junit", "no/such/folder/junit.xml"])
        .code(2)
        .leaves_no("out")
        .stderr_has("choose another file with --junit")
        .end();
}

#[test]
fn thresholds_on_a_real_anvil() {
    let scenario = SMOKE.replace(
        "seed = 1",
        "seed = 1\nthresholds = [{ hold = \"phase.ack.response.max < 1ms\", stop_early = true }]",
    );
    let ended = Taskstorm::run(&scenario).code(4).end();
    assert_eq!(ended.folder().result.stop_reason, StopReason::ThresholdLost);
}

//! Runs with thresholds, as a user runs them.

use std::{fs, path::Path};

use taskstorm::record::StopReason;

use crate::run::command::{Ended, Trial};

const SMOKE: &str = include_str!("../../../scenarios/smoke.toml");

fn smoke(arguments: &[&str]) -> Trial {
    Trial::of(SMOKE).with(&["--chain", "embedded"]).with(arguments)
}

fn junit(ended: &Ended) -> String {
    fs::read_to_string(ended.place().join("junit.xml")).expect("JUnit XML")
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
    .end();
    let folder = ended.success();
    let verdicts = &folder.result.thresholds;
    assert_eq!(verdicts.len(), 2);
    assert!(verdicts.iter().all(|verdict| verdict.held), "{verdicts:?}");
    assert!(
        ended.stdout.contains("thresholds: 2 of 2 held"),
        "{}",
        ended.stdout
    );
    assert!(junit(&ended).contains("failures=\"0\""), "{}", junit(&ended));
    // What the scenario asks for is written beside the results, and read back.
    let written = fs::read_to_string(ended.out().join("scenario.toml")).unwrap();
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
        let embedded = ["--chain", "embedded", "--junit", "junit.xml"];
        let ended = Trial::of(scenario).with(&embedded).with(arguments).end();
        assert_eq!(ended.code, Some(code), "{expressions:?}: {}", ended.stderr);
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
    let ended = Trial::of(&scenario)
        .with(&["--chain", "embedded", "--junit", "junit.xml"])
        .end();
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    let folder = ended.folder();
    assert!(folder.result.complete);
    assert!(
        ended.stdout.contains("thresholds: 1 of 2 held"),
        "{}",
        ended.stdout
    );
    assert!(
        ended
            .stderr
            .contains("threshold failed: task.total.p99 < 1ms, measured"),
        "{}",
        ended.stderr
    );
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
        Trial::of(million)
            .with(&["--chain", "embedded", "--threshold", "task.total.p99 < 1s"])
            .with(arguments)
            .end()
    };
    let (whole, early) = (run(&[]), run(&["--stop-early", "--junit", "junit.xml"]));
    assert_eq!((whole.code, early.code), (Some(4), Some(4)), "{}", early.stderr);
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
    .end();
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
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
    let ended = smoke(&["--junit", "no/such/folder/junit.xml"]).end();
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(!Path::new(&ended.out()).exists());
    assert!(
        ended.stderr.contains("choose another file with --junit"),
        "{}",
        ended.stderr
    );
}

#[test]
fn thresholds_on_a_real_anvil() {
    let scenario = SMOKE.replace(
        "seed = 1",
        "seed = 1\nthresholds = [{ hold = \"phase.ack.response.max < 1ms\", stop_early = true }]",
    );
    let ended = Trial::of(&scenario).end();
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert_eq!(ended.folder().result.stop_reason, StopReason::ThresholdLost);
}

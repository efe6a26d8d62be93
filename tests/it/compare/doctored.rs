//! Sides that are not whole, or not of the same thing.

use std::fs;

use taskstorm::compare::{CompareError, CompareSettings, Verdict, compare};

use super::support::{Runs, settings, with};

const LITTLE: &[&str] = &["owners.tasks=20"];

fn refused(runs: &Runs) -> Vec<String> {
    match compare(&[runs.path("base")], &[runs.path("new")], &settings()) {
        Err(CompareError::Incomparable(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_compared_is_refused_and_every_reason_named() {
    let runs = Runs::new();
    runs.run("base", &[1], LITTLE);
    for (set, from, to, why) in [
        (&[][..], "", "", "owners.tasks is 300, not 20"),
        (
            LITTLE,
            "\"clock\": \"virtual\"",
            "\"clock\": \"wall\"",
            "is in wall-clock time",
        ),
        (
            LITTLE,
            "\"kind\": \"embedded\"",
            "\"kind\": \"anvil\"",
            "is on the chain anvil",
        ),
        (
            LITTLE,
            "\"hardfork\": \"prague\"",
            "\"hardfork\": \"cancun\"",
            "is of the hardfork cancun",
        ),
        (
            LITTLE,
            "\"complete\": true",
            "\"complete\": false",
            "is not a complete run",
        ),
    ] {
        runs.run("new", &[1], set);
        if !from.is_empty() {
            runs.place.edit("new/seed-1/summary.json", from, to);
        }
        let reasons = refused(&runs);
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        assert!(reasons[0].contains(why), "{reasons:?}");
        let forced = CompareSettings {
            force: true,
            ..settings()
        };
        let comparison = runs.compare("base", "new", &forced);
        assert_eq!(comparison.incomparable, reasons);
        fs::remove_dir_all(runs.path("new")).unwrap();
    }
    runs.run("new", &[1], LITTLE);
    fs::remove_file(runs.path("new/seed-1/scenario.toml")).unwrap();
    assert!(refused(&runs)[0].contains("unknown: a scenario.toml is missing"));
}

#[test]
fn a_run_counts_once() {
    let runs = Runs::new();
    runs.run("base", &[1], LITTLE);
    let twice = [runs.path("base"), runs.path("base/seed-1")];
    let Err(CompareError::Twice(path)) = compare(&twice, &[runs.path("base")], &settings()) else {
        panic!("it is compared");
    };
    assert!(path.ends_with("seed-1"));
}

/// A run of few tasks is no reason for a verdict, and none for an alarm.
#[test]
fn of_little_there_is_not_enough_data() {
    let runs = Runs::new();
    runs.run("base", &[1], &["owners.tasks=3"]);
    runs.run("new", &[2], &["owners.tasks=3"]);
    let comparison = runs.compare("base", "new", &settings());
    assert_eq!((comparison.verdicts.worse, comparison.verdicts.better), (0, 0));
    let lacking = with(&comparison, Verdict::NotEnoughData);
    assert!(lacking.contains(&"task.total.p99"), "{lacking:?}");
    let latencies = comparison.latency.iter().flat_map(|latency| &latency.metrics);
    for metric in latencies.filter(|metric| metric.verdict == Verdict::NotEnoughData) {
        assert!(metric.reason.is_some(), "{metric:?}");
    }
}

/// Without rows of transactions gas is still exact for the same seed, and nothing is missing silently.
#[test]
fn without_rows_the_summary_speaks() {
    let runs = Runs::new();
    runs.run("base", &[1, 2], LITTLE);
    runs.run("new", &[1], LITTLE);
    fs::remove_file(runs.path("new/seed-1/transactions.csv")).unwrap();
    let comparison = runs.compare("base/seed-1", "new", &settings());
    let of = |name: &str| comparison.gas.iter().find(|gas| gas.quantity == name);
    let commit = of("function.commit.gas").expect("commit");
    assert_eq!(
        (commit.verdict, commit.outcome, commit.exact),
        (Verdict::Same, "all", true)
    );
    let lacking = with(&comparison, Verdict::NotEnoughData);
    assert!(lacking.contains(&"phase.commit.response.p99"), "{lacking:?}");
    assert!(
        comparison
            .notes
            .iter()
            .any(|note| note.contains("transactions.csv"))
    );

    let other = runs.compare("base/seed-2", "new", &settings());
    let submit = other
        .gas
        .iter()
        .find(|gas| gas.quantity == "function.submitTask.gas");
    assert_eq!(submit.expect("submitTask").verdict, Verdict::NotEnoughData);
}

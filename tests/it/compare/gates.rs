//! Rules as gates: what vanished fails, and what could not be judged does not pass.

use std::fs;

use taskstorm::compare::{CompareSettings, Comparison, Inconclusive, RuleOutcome, Verdict};

use super::support::{Runs, settings, with};

const WITHOUT_COMMITS: &str = "miners.work_time=\"1h\"";
const LITTLE: &str = "owners.tasks=20";

fn ruled(rules: &[&str]) -> CompareSettings {
    CompareSettings {
        rules: rules.iter().map(|rule| rule.parse().unwrap()).collect(),
        force: true,
        ..settings()
    }
}

fn outcomes(comparison: &Comparison) -> Vec<RuleOutcome> {
    comparison.rules.iter().map(|rule| rule.outcome).collect()
}

#[test]
fn what_new_no_longer_has_fails_and_what_base_never_had_is_inconclusive() {
    let runs = Runs::new();
    runs.run("whole", &[1], &[]);
    runs.run_as_it_ends("stuck", &[1], &[WITHOUT_COMMITS]);
    let rules = [
        "phase.commit.response.p99 > 10%",
        "latency.p99 > 10%",
        "gas.commit > 1%",
        "gas > 1%",
        "task.commit.p99 > 10%",
        "rate.tasks < -5%",
        "function.commit.gas.count < -1%",
    ];
    let gone = runs.compare("whole", "stuck", &ruled(&rules));
    assert_eq!(outcomes(&gone), [RuleOutcome::Failed; 7], "{:#?}", gone.rules);
    assert!(
        gone.rules[0].findings[0].ends_with("in the baseline and was not measured in the candidate"),
        "{:?}",
        gone.rules[0]
    );
    for inconclusive in [Inconclusive::Skip, Inconclusive::Pass] {
        let settings = CompareSettings {
            inconclusive,
            ..ruled(&rules)
        };
        assert!(runs.compare("whole", "stuck", &settings).is_rejected());
    }

    let rules = [
        "phase.commit.response.p99 > 10%",
        "gas.commit > 1%",
        "task.commit.mean > 5%",
    ];
    let come = runs.compare("stuck", "whole", &ruled(&rules));
    assert_eq!(
        outcomes(&come),
        [RuleOutcome::Inconclusive; 3],
        "{:#?}",
        come.rules
    );
    assert!(come.is_rejected() && !come.has_regressed());
}

#[test]
fn a_gate_does_not_pass_what_it_could_not_judge() {
    let runs = Runs::new();
    runs.run("base", &[1], &[LITTLE]);
    runs.run("new", &[2], &[LITTLE]);
    let compare = |more: &[&str]| {
        let sides = ["compare", "base", "new", "--junit", "junit.xml"];
        runs.place.taskstorm(sides).args(more)
    };
    let rule = ["--fail-on", "task.total.p99 > 1000%"];
    for (more, code, word, element, told) in [
        (&[][..], 4, "INCONCLUSIVE", "<failure message=", "is inconclusive"),
        (
            &["--inconclusive", "fail"],
            4,
            "INCONCLUSIVE",
            "type=\"inconclusive\"",
            "is inconclusive",
        ),
        (
            &["--inconclusive", "skip"],
            0,
            "skipped (inconclusive)",
            "<skipped message=",
            "and skipped",
        ),
        (
            &["--inconclusive", "pass"],
            0,
            "passed (inconclusive)",
            "<skipped message=",
            "is inconclusive and passes",
        ),
    ] {
        let judged = compare(&rule).args(more);
        judged.code(code).stdout_has(word).stderr_has(told).end();
        let xml = runs.place.read("junit.xml");
        assert!(xml.contains(element), "{more:?}: {xml}");
    }
    // Without rules nothing was asked for, and what is not known is no test that passed either.
    compare(&[]).end();
    let xml = runs.place.read("junit.xml");
    assert!(
        xml.contains("skipped=\"") && xml.contains("<skipped message="),
        "{xml}"
    );
    let maybe = compare(&["--inconclusive", "maybe"]);
    maybe.code(2).stderr_has("give fail, skip or pass").end();
}

/// The median of a percentile may be the same by chance, where there is a single value on a side.
#[test]
fn a_single_value_on_a_side_is_not_the_same() {
    let runs = Runs::new();
    runs.run("base", &[1], &["owners.count=1", "owners.tasks=1"]);
    runs.run("new", &[1], &["owners.count=1", "owners.tasks=1"]);
    let comparison = runs.compare("base", "new", &settings());
    let same = with(&comparison, Verdict::Same);
    let latencies: Vec<_> = same.iter().filter(|name| !name.contains(".gas")).collect();
    let single = |name: &&&str| name.starts_with("task.") || name.contains(".submit.");
    assert_eq!(latencies.iter().copied().find(single), None, "{latencies:?}");

    // Of other seeds the same holds for gas.
    runs.run("other", &[2], &["owners.count=1", "owners.tasks=1"]);
    let comparison = runs.compare("base", "other", &settings());
    let create = comparison
        .gas
        .iter()
        .find(|gas| gas.quantity == "function.create.gas");
    assert_eq!(create.map(|gas| gas.verdict), Some(Verdict::NotEnoughData));
}

/// Of three runs of NEW one has none of what all of BASE had: the mean of the others does not speak for it.
#[test]
fn what_only_some_runs_still_measure_is_inconclusive() {
    let runs = Runs::new();
    runs.run("base", &[1, 2, 3], &[]);
    runs.run("new", &[1, 2], &[]);
    runs.run_as_it_ends("new", &[3], &[WITHOUT_COMMITS]);
    let rules = [
        "task.commit.mean > 50%",
        "phase.commit.response.p90 > 50%",
        "gas.commit > 50%",
    ];
    let comparison = runs.compare("base", "new", &ruled(&rules));
    assert_eq!(
        outcomes(&comparison),
        [RuleOutcome::Inconclusive; 3],
        "{:#?}",
        comparison.rules
    );
    for rule in &comparison.rules {
        assert!(
            rule.findings[0].contains("only 2 of the 3 candidate runs"),
            "{rule:?}"
        );
    }
}

#[test]
fn without_rows_of_tasks_rules_on_them_are_inconclusive() {
    let runs = Runs::new();
    runs.run("base", &[1], &[]);
    runs.run("new", &[1], &[]);
    fs::remove_file(runs.path("new/seed-1/tasks.csv")).unwrap();
    let comparison = runs.compare("base", "new", &ruled(&["task.total.p99 > 10%", "gas > 1%"]));
    let expected = [RuleOutcome::Inconclusive, RuleOutcome::Held];
    assert_eq!(outcomes(&comparison), expected, "{:#?}", comparison.rules);
    assert!(comparison.notes.iter().any(|note| note.contains("no tasks.csv")));
}

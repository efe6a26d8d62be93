//! Loads in whole runs: caps that drop, closed loads that think and end by time, `--duration`.

use std::collections::BTreeMap;

use super::simulated;
use crate::support::{
    folder::{Folder, ParsedRow},
    place::{assert_same, files},
    scenario::with,
    taskstorm::Taskstorm,
};

const SECOND: u64 = 1_000_000;

const SCENARIO: &str = r#"name = "loads"
[chain]
kind = "embedded"
block_time = "1s"
gas_limit = 1_000_000_000
[owners]
count = 3
[miners]
count = 9
concurrency = 8
"#;

/// It with these lines in its section of owners.
fn owned(owners: &str) -> String {
    SCENARIO.replace("count = 3", &format!("count = 3\n{owners}"))
}

/// When the row was meant to be, since the load began.
fn intended(folder: &Folder, row: &ParsedRow) -> u64 {
    row.us("intended_us") - folder.result.load.start_us.expect("a load").0
}

/// The most tasks that were open at once, from arrival to end.
fn most_open(folder: &Folder) -> i64 {
    let mut changes: Vec<(u64, i64)> = Vec::new();
    for row in folder.tasks.iter().filter(|row| row.text("outcome") != "dropped") {
        changes.push((row.us("intended_us"), 1));
        changes.push((row.us("ended_us"), -1));
    }
    changes.sort_unstable();
    let open = changes.into_iter().scan(0, |open, (_, change)| {
        *open += change;
        Some(*open)
    });
    open.max().unwrap_or(0)
}

#[test]
fn arrivals_beyond_the_cap_are_dropped_and_counted() {
    let load = "load = { constant = \"10/s\" }\nduration = \"20s\"\nmax_in_flight = 12";
    let folder = simulated(&owned(load));
    let tasks = &folder.result.tasks;
    assert_eq!((tasks.offered(), tasks.ended), (200, tasks.submitted));
    assert!(tasks.dropped > 100, "{tasks:?}");
    assert_eq!(most_open(&folder), 12);
    // The first twelve arrivals find room; of the fifty of the 5 s until the first task is over, the others do not.
    let first: Vec<&str> = folder.tasks.iter().map(|row| row.text("outcome")).collect();
    assert_eq!(
        first.iter().take_while(|outcome| **outcome == "dropped").count(),
        38
    );
    // Every arrival keeps its moment, dropped or not.
    let mut moments: Vec<u64> = folder.tasks.iter().map(|row| intended(&folder, row)).collect();
    moments.sort_unstable();
    assert_eq!(moments, (0..200).map(|k| k * SECOND / 10).collect::<Vec<_>>());
    let uncapped = simulated(&owned("load = { constant = \"10/s\" }\nduration = \"20s\""));
    assert_eq!(
        (uncapped.result.tasks.dropped, uncapped.result.tasks.ended),
        (0, 200)
    );
}

#[test]
fn a_cap_of_one_group_leaves_the_others_alone() {
    let groups = r#"
        [[owners]]
        name = "other"
        count = 2
        tasks = 40
        load = { constant = "10/s" }
        [[owners]]
        tasks = 40
        load = { constant = "10/s" }
        max_in_flight = 3
        "#;
    let tasks = simulated(&with(SCENARIO, groups)).result.tasks;
    assert_eq!((tasks.offered(), tasks.ended), (80, tasks.submitted));
    assert!(tasks.ended >= 43 && tasks.dropped > 20, "{tasks:?}");
}

#[test]
fn a_closed_load_thinks_and_ends_by_time() {
    let load = "sessions = 2\nload = { back_to_back = { in_flight = 2, think_time = \"1500ms\" } }\nduration = \"30s\"\nstart = \"2s\"";
    let folder = simulated(&owned(load));
    let mut sessions: BTreeMap<&str, (Vec<u64>, Vec<u64>)> = BTreeMap::new();
    for row in &folder.tasks {
        let (submitted, ended) = sessions.entry(row.text("session_id")).or_default();
        submitted.push(intended(&folder, row));
        ended.push(row.us("ended_us") - folder.result.load.start_us.unwrap().0);
    }
    assert_eq!(sessions.len(), 6);
    for (mut submitted, mut ended) in sessions.into_values() {
        submitted.sort_unstable();
        ended.sort_unstable();
        assert_eq!(submitted[..2], [2 * SECOND; 2]);
        // Every task but the first two comes a thought after the end of another, up to 32 s and not beyond.
        let next: Vec<u64> = ended
            .iter()
            .map(|at| at + 1_500_000)
            .filter(|at| *at < 32 * SECOND)
            .collect();
        assert_eq!(submitted[2..], next);
        assert!(submitted.len() > 6, "{submitted:?}");
    }
    assert_eq!(folder.result.tasks.ended, folder.tasks.len() as u64);
}

#[test]
fn a_duration_from_the_command_line_replaces_durations_and_counts() {
    let groups = r#"
        [[owners]]
        tasks = 5
        load = { poisson = "7/s" }
        [[owners]]
        name = "closed"
        count = 1
        tasks = { per_session = 9 }
        duration = "1h"
        load = "back_to_back"
        start = "3s"
        "#;
    let text = with(SCENARIO, groups);
    let ended = Taskstorm::simulate(&text).args(["--duration", "12s"]).end();
    let folder = ended.success();
    let last = folder.tasks.iter().map(|row| intended(&folder, row)).max();
    assert!(
        folder.result.tasks.ended > 60 && last < Some(15 * SECOND),
        "{last:?}"
    );
    // What is written beside the results gives the same run.
    let again = Taskstorm::simulate(&ended.place().read("out/scenario.toml")).end();
    assert_same(&files(&again.out()), &files(&ended.out()));
}

#[test]
fn a_duration_that_makes_no_sense_is_refused_where_it_stands() {
    for (name, owners, price, duration) in [
        (
            "duration_beyond_the_stages",
            "load = { stages = [{ for = \"10s\", to = \"5/s\" }] }",
            "",
            "1m",
        ),
        (
            "duration_of_too_many_tasks",
            "tasks = 5\nload = { constant = \"9000/s\" }",
            "",
            "1h",
        ),
        (
            "duration_of_unknown_cost",
            "tasks = 5",
            "price = \"1 gwei\"\n",
            "1m",
        ),
        ("duration_without_unit", "tasks = 5", "", "60"),
    ] {
        let text = price.to_owned() + &owned(owners);
        let refused = Taskstorm::simulate(&text)
            .args(["--duration", duration])
            .code(2)
            .stdout("")
            .end();
        insta::assert_snapshot!(name, refused.stderr);
    }
}

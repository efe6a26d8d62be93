//! Warm-up and cool-down: run, reported apart, and in no main figure.

use std::fs;

use proptest::prelude::*;
use taskstorm::{
    protocol::{REFERENCE, TaskSpan},
    record::{MeasurementWindow, WarmUpResult, WindowsResult, mser5},
    run_folder::RunFolder,
};

use crate::support::{
    folder::{Folder, ParsedRow},
    place::{assert_same, files},
    scenario::with,
    taskstorm::{Ended, Taskstorm},
};

const SECOND: u64 = 1_000_000;

const SCENARIO: &str = r#"
name = "measure"
[chain]
kind = "embedded"
block_time = "1s"
gas_limit = 1_000_000_000
[owners]
count = 3
redundancy = 2
load = { constant = "10/s" }
[miners]
count = 9
concurrency = 2
work_time = { exponential = "300ms" }
"#;

/// A run of it with these changes.
fn run(changes: &str) -> Ended {
    Taskstorm::simulate(&with(SCENARIO, changes)).end()
}

fn parts(folder: &Folder) -> &WindowsResult {
    folder.result.parts.as_ref().expect("parts")
}

/// The moment of a row since the load began.
fn intended(folder: &Folder, row: &ParsedRow) -> u64 {
    row.us("intended_us") - folder.result.load.start_us.expect("a load").0
}

/// Holds the figures of the main part against the rows that belong to it: those meant for `main`.
fn main_figures_are_those_of(folder: &Folder, main: std::ops::Range<u64>) {
    let result = &folder.result;
    let within = |row: &&ParsedRow| main.contains(&intended(folder, row));
    let totals: Vec<u64> = folder
        .tasks
        .iter()
        .filter(within)
        .filter_map(|row| row.number("total_duration_us"))
        .collect();
    let stats = result.task_phases[&TaskSpan::TOTAL]
        .duration_us
        .expect("tasks ended");
    assert_eq!(stats.count, totals.len() as u64);
    assert_eq!(Some(&stats.max), totals.iter().max());
    assert_eq!(Some(&stats.min), totals.iter().min());
    let mut sent = 0;
    for phase in REFERENCE.lifecycle() {
        let of_phase = folder
            .transactions
            .iter()
            .filter(|row| row.text("phase") == phase.name());
        let responses: Vec<u64> = of_phase
            .filter(within)
            .filter_map(|row| row.number("response_us"))
            .collect();
        let stats = result.phases[&phase].response_us.expect("transactions");
        assert_eq!(stats.count, responses.len() as u64, "{phase:?}");
        assert_eq!(Some(&stats.max), responses.iter().max(), "{phase:?}");
        sent += stats.count;
        // All of them are counted, and all gas.
        assert!(result.phases[&phase].transactions.total >= stats.count);
    }
    assert_eq!(result.generator.lateness_us.expect("sent").count, sent);
    assert_eq!(parts(folder).parts[&MeasurementWindow::Main].transactions, sent);
    let last = folder
        .tasks
        .iter()
        .filter(within)
        .filter_map(|row| row.number("ended_us"))
        .max()
        .unwrap();
    let start = parts(folder).main_from_us.unwrap().0;
    let rate = totals.len() as f64 * 1e6 / (last - start) as f64;
    assert!((result.rates.tasks_per_s.unwrap() - rate).abs() < 1e-3);
    let all: u64 = parts(folder).parts.values().map(|part| part.transactions).sum();
    assert_eq!(all, result.transactions.total);
    let all: u64 = parts(folder)
        .parts
        .values()
        .map(|part| part.tasks_submitted)
        .sum();
    assert_eq!(all, result.tasks.submitted);
}

#[test]
fn what_comes_before_and_after_stands_apart() {
    let ended = run("owners.duration = \"20s\"\nmeasure = { warm_up = \"5s\", cool_down = \"4s\" }");
    let folder = ended.success();
    let tasks: Vec<_> = MeasurementWindow::ALL
        .map(|part| parts(&folder).parts[&part].tasks_submitted)
        .into();
    assert_eq!(tasks, [0, 50, 110, 40]);
    main_figures_are_those_of(&folder, 5 * SECOND..16 * SECOND);
    for row in &folder.tasks {
        let part = match intended(&folder, row) {
            at if at < 5 * SECOND => "warm_up",
            at if at < 16 * SECOND => "main",
            _ => "cool_down",
        };
        assert_eq!(row.text("part"), part);
    }
    let of_setup = |row: &&ParsedRow| (row.text("phase") == "setup") == (row.text("part") == "setup");
    assert!(folder.transactions.iter().all(|row| of_setup(&row)));
    assert!(
        ended.stdout.contains("\n  measured      110 tasks, "),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("5.00 s of warm-up: 50 tasks, "),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("cool-down from 16.0 s on: 40 tasks, "),
        "{}",
        ended.stdout
    );
    let phases = fs::read_to_string(ended.out().join("phases.csv")).unwrap();
    for row in [
        "warm_up.submit,response_us,50,",
        "cool_down.task.total,duration_us,40,",
        "task.total,duration_us,110,",
    ] {
        assert!(phases.contains(&format!("\n{row}")), "{row}: {phases}");
    }
}

#[test]
fn without_either_there_are_no_parts() {
    let folder = run("owners.tasks = 20").success();
    assert_eq!(folder.result.parts, None);
    assert!(folder.tasks.iter().all(|row| row.text("part") == "main"));
}

#[test]
fn a_run_that_begins_badly_is_cut_where_it_is_steady() {
    // Five seconds of more than the miners can do, then of much less.
    let changes = "measure = { warm_up = \"auto\", cool_down = \"10s\" }\nowners.load = { from = \"50/s\", stages = [{ for = \"5s\", to = \"50/s\" }, { for = \"0s\", to = \"6/s\" }, { for = \"120s\", to = \"6/s\" }] }";
    let ended = run(changes);
    let folder = ended.success();
    let parts = parts(&folder);
    let WarmUpResult::Mser5(why) = &parts.warm_up else {
        panic!("{:?}", parts.warm_up)
    };
    let from = parts.main_from_us.unwrap().0 - folder.result.load.start_us.unwrap().0;
    assert!((3 * SECOND..40 * SECOND).contains(&from), "{from}: {why}");
    main_figures_are_those_of(&folder, from..115 * SECOND);
    assert!(ended.stdout.contains("of warm-up (MSER-5): "), "{}", ended.stdout);
    // What the files hold of it is the same every time.
    assert_same(&files(&run(changes).out()), &files(&ended.out()));
    // And can be counted again from the rows alone.
    fs::remove_file(ended.out().join("summary.json")).unwrap();
    let again = RunFolder::open(ended.out()).unwrap();
    assert_eq!(again.finished().result.parts.as_ref(), Some(parts));
}

#[test]
fn a_run_that_never_is_steady_is_not_cut() {
    let load = "owners.load = { stages = [{ for = \"40s\", to = \"60/s\" }] }";
    let folder = run(&format!("measure.warm_up = \"auto\"\n{load}")).success();
    assert!(
        matches!(parts(&folder).warm_up, WarmUpResult::NoSteadyState(_)),
        "{:?}",
        parts(&folder).warm_up
    );
    main_figures_are_those_of(&folder, 0..u64::MAX);
}

/// MSER-5 as it is defined, sum by sum.
fn by_definition(values: &[u64]) -> Option<usize> {
    let means: Vec<f64> = values
        .chunks_exact(5)
        .map(|batch| batch.iter().sum::<u64>() as f64 / 5.0)
        .collect();
    let n = means.len();
    let error = |d: usize| {
        let rest = &means[d..];
        let mean = rest.iter().sum::<f64>() / rest.len() as f64;
        rest.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / (rest.len() as f64).powi(2)
    };
    let least = (0..=n - 5).min_by(|a, b| error(*a).total_cmp(&error(*b)))?;
    (least <= n / 2).then_some(least * 5)
}

proptest! {
    #[test]
    fn the_cut_minimises_the_marginal_standard_error(
        bias in 0..5_000_u64,
        transient in 0..150_usize,
        noise in prop::collection::vec(0..1_000_u64, 50..400),
    ) {
        let values: Vec<u64> = noise
            .iter()
            .enumerate()
            .map(|(k, noise)| 1_000 + noise + if k < transient { bias } else { 0 })
            .collect();
        prop_assert_eq!(mser5(&values).ok(), by_definition(&values));
    }
}

#[test]
fn cuts_that_are_plain_to_see() {
    let steps = |first: usize, rest: usize| -> Vec<u64> {
        let noise = (0..first + rest).map(|k| (k as u64 * 7919) % 13);
        noise
            .enumerate()
            .map(|(k, noise)| if k < first { 900 } else { 100 } + noise)
            .collect()
    };
    assert_eq!(mser5(&steps(50, 200)), Ok(50));
    assert_eq!(mser5(&[7; 100]), Ok(0));
    assert!(mser5(&[7; 49]).unwrap_err().contains("49 tasks ended"));
    let rising: Vec<u64> = (0..200).map(|k| k * k).rev().collect();
    assert!(mser5(&rising).unwrap_err().contains("more than half"));
}

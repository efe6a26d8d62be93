//! Offered, steady-state and achieved rates of tasks: what each is, counted again from the rows.

use taskstorm::{
    metric::Threshold,
    protocol::TaskSpan,
    record::{Rates, RunResult},
    report::{Style, run::summary_table},
    run_folder::summary_md,
};

use super::simulated;
use crate::support::{folder::Folder, scenario::with, taskstorm::Taskstorm};

const SCENARIO: &str = r#"
name = "rates"
seed = 3
[chain]
kind = "embedded"
block_time = "1s"
gas_limit = 200_000_000
[windows]
precommit = "2m"
[owners]
count = 10
min_nodes = 3
max_nodes = 6
redundancy = 3
[miners]
count = 60
work_time = "200ms"
"#;

/// A run of it with these changes.
fn run(changes: &str) -> Folder {
    simulated(&with(SCENARIO, changes))
}

/// The steady state by a folder's rows: tasks ended in it, its first end and its last.
fn counted(folder: &Folder) -> (u64, u64, u64) {
    let total = folder.result.task_phases[&TaskSpan::TOTAL].duration_us;
    let p90 = total.expect("tasks ended").p90;
    let arrivals = || folder.tasks.iter().map(|row| row.us("intended_us"));
    let (first, last) = (arrivals().min().unwrap(), arrivals().max().unwrap());
    let mut ends: Vec<u64> = folder
        .tasks
        .iter()
        .filter(|row| row.text("outcome") == "ended")
        .map(|row| row.us("ended_us"))
        .filter(|end| (first + p90..=last).contains(end))
        .collect();
    ends.sort_unstable();
    let (from, to) = (ends[0], *ends.last().unwrap());
    let tasks = ends.iter().filter(|end| **end > from).count();
    (tasks as u64, from, to)
}

fn near(rate: Option<f64>, expected: f64) -> bool {
    rate.is_some_and(|rate| (rate / expected - 1.0).abs() < 0.02)
}

#[test]
fn a_run_that_keeps_up_ends_as_many_as_are_offered() {
    let folder = run(r#"
        [owners]
        tasks = 1200
        load = { constant = "30/s" }
        [miners]
        work_time = { uniform = ["100ms", "400ms"] }
        "#);
    let rates = folder.result.rates;
    assert!(near(rates.tasks_offered_per_s, 30.0), "{rates:?}");
    assert!(near(rates.tasks_steady_per_s, 30.0), "{rates:?}");
    assert!(
        rates.tasks_per_s.unwrap() < 28.0,
        "filling and draining: {rates:?}"
    );
    let steady = rates.steady_state.unwrap();
    let (tasks, from, to) = counted(&folder);
    assert_eq!(
        (steady.tasks_ended, steady.from_us.0, steady.to_us.0),
        (tasks, from, to)
    );
    for text in [
        summary_table(&folder.result, None, Style::Plain),
        summary_md(&folder.result),
    ] {
        assert!(text.contains("30.0") && text.contains("steady state"), "{text}");
        assert!(text.contains("filling and draining"), "{text}");
    }
}

/// Twelve miners that work on one task at a time, three miners a task, end fewer tasks than are offered.
#[test]
fn an_overloaded_run_ends_what_it_can() {
    let folder = run(r#"
        [owners]
        tasks = 600
        load = { constant = "12/s" }
        [miners]
        count = 12
        concurrency = 1
        work_time = "500ms"
        "#);
    let rates = folder.result.rates;
    assert!(near(rates.tasks_offered_per_s, 12.0), "{rates:?}");
    assert!(rates.tasks_steady_per_s.unwrap() < 10.0, "{rates:?}");
    let steady = rates.steady_state.unwrap();
    assert_eq!(
        (steady.tasks_ended, steady.from_us.0, steady.to_us.0),
        counted(&folder)
    );
}

#[test]
fn a_run_that_is_too_short_says_so() {
    let folder = run(r#"
        [owners]
        tasks = 100
        load = { constant = "5/s" }
        [miners]
        concurrency = 100
        work_time = { uniform = ["48s", "56s"] }
        "#);
    let result = &folder.result;
    assert!(near(result.rates.tasks_offered_per_s, 5.0));
    assert_eq!(result.rates.tasks_steady_per_s, None);
    let text = summary_table(result, None, Style::Plain);
    assert!(text.contains("5.00 tasks/s offered\n"), "{text}");
    assert!(
        text.contains("no steady state: arrivals lasted 19.8 s, p90 task time 59."),
        "{text}"
    );
    let verdict = Threshold::parse("rate.tasks.steady > 1")
        .unwrap()
        .evaluate(result);
    assert_eq!((verdict.held, verdict.measured), (false, None));
}

/// Whatever arrives at the first moment bounds the time and does not count in it: a trace of three bursts, 5 s apart.
#[test]
fn bursts_are_offered_at_their_mean_rate() {
    let bursts = |moments: &[u64]| {
        let rows = moments
            .iter()
            .flat_map(|at| (0..20).map(move |task| format!("{},{}\n", at * 1_000_000, task % 10)));
        let trace: String = ["at_us,owner\n".to_owned()].into_iter().chain(rows).collect();
        Taskstorm::simulate(&with(SCENARIO, "owners.load = { trace = \"arrivals.csv\" }"))
            .file("arrivals.csv", &trace)
            .end()
            .success()
            .result
    };
    let rates = bursts(&[0, 5, 10]).rates;
    assert_eq!(rates.tasks_offered_per_s, Some(4.0), "{rates:?}");
    let at_once = bursts(&[0]);
    assert_eq!(at_once.rates.tasks_offered_per_s, None);
    let text = summary_table(&at_once, None, Style::Plain);
    assert!(text.contains("all 20 tasks offered at once"), "{text}");
}

/// The main part alone is offered; what ends in its steady state counts whenever it arrived, and dropped tasks arrived.
#[test]
fn rates_are_of_the_main_part() {
    let folder = run(r#"
        [owners]
        max_in_flight = 100
        tasks = 400
        load = { constant = "20/s" }
        [measure]
        warm_up = "8s"
        "#);
    let rates = folder.result.rates;
    let main = folder.result.parts.as_ref().unwrap().main_from_us.unwrap();
    let (arrivals, steady) = (rates.arrivals.unwrap(), rates.steady_state.unwrap());
    assert_eq!(arrivals.tasks, 240);
    assert!(arrivals.first_us >= main && steady.from_us >= main);
    // The run was filled before its main part began.
    assert!(steady.from_us.since(main) <= 1_000_000, "{rates:?}");
    assert!(
        near(rates.tasks_offered_per_s, 20.0) && near(rates.tasks_steady_per_s, 20.0),
        "{rates:?}"
    );
}

#[test]
fn summaries_without_these_rates_stay_readable() {
    let folder = run("owners.tasks = 20\nowners.load = { constant = \"20/s\" }");
    let mut json = serde_json::to_value(&folder.result).unwrap();
    let rates = json["rates"].as_object_mut().unwrap();
    rates.retain(|name, _| ["tasks_per_s", "transactions_per_s"].contains(&name.as_str()));
    let old: RunResult = serde_json::from_value(json).unwrap();
    let expected = Rates {
        tasks_per_s: folder.result.rates.tasks_per_s,
        transactions_per_s: folder.result.rates.transactions_per_s,
        ..Rates::default()
    };
    assert_eq!(old.rates, expected);
    for text in [summary_table(&old, None, Style::Plain), summary_md(&old)] {
        assert!(!text.contains("offered") && !text.contains("steady"), "{text}");
    }
}

//! Estimates against runs: every scenario of the library, on the embedded chain.

use std::fs;

use taskstorm::{
    estimate::{Estimate, LeftOut, LoadVerdict},
    protocol::{Function, Phase, REFERENCE, TaskSpan},
    record::{Progress, Recorder, RunResult},
    run::simulate,
    scenario::{Loaded, Management, Scenario, TaskCount},
};
use tokio_util::sync::CancellationToken;

use crate::support::node::root;

/// Several times as many as are sampled, and few enough for a test.
const TASKS: u64 = 240;

fn run(scenario: &Scenario) -> RunResult {
    let stop = CancellationToken::new();
    simulate(scenario, Recorder::new(REFERENCE), &stop, |_: &Progress| {})
        .expect("a run")
        .result
}

/// The scenario with fewer tasks and actors.
fn cut(mut scenario: Scenario) -> Scenario {
    let groups = scenario.owners.len() as u64;
    let block_time = scenario.chain.block_time;
    for group in &mut scenario.owners {
        group.count = group.count.min(20);
        let tasks = group.expected_tasks(block_time).unwrap_or(TASKS);
        group.submissions.tasks = Some(TaskCount::Total(tasks.min(TASKS / groups)));
    }
    let groups = scenario.miners.len() as u32;
    for group in &mut scenario.miners {
        group.count = group.count.min(120 / groups);
    }
    scenario
}

fn error(estimated: u64, counted: u64) -> f64 {
    (estimated as f64 / counted as f64 - 1.0).abs()
}

/// Holds an estimate against a run of the same; without what it says that it leaves out.
fn compare(name: &str, scenario: &Scenario) {
    let mut scenario = scenario.clone();
    for group in &mut scenario.owners {
        (group.manage, group.submissions.max_in_flight) = (Management::default(), None);
    }
    for group in &mut scenario.miners {
        (group.churn, group.join_after) = (None, None);
    }
    let scenario = &scenario;
    let (estimate, result) = (Estimate::of(scenario).expect("an estimate"), run(scenario));
    assert_eq!(estimate.tasks, result.tasks.submitted, "{name}");
    let total = estimate.total();
    let setup = &result.phases[&Phase::SETUP];
    assert_eq!(
        estimate.setup.transactions, setup.transactions.total,
        "{name}: setup"
    );
    // Groups are sampled apart: a session that reserves its miners looks for idle ones past those of other groups.
    assert!(
        error(estimate.setup.gas, setup.gas_total) < 0.05,
        "{name}: {:?} {:?}",
        estimate.setup,
        result.functions
    );
    // How often a window is outlasted is chance where that is rare.
    let overdue = [Function::END_ACK, Function::END_PRECOMMIT, Function::END_COMMIT];
    let is_overdue = overdue
        .iter()
        .any(|function| result.functions.contains_key(function));
    // So is how long the results are of a sample, where a few are a hundred times as long as others.
    let is_chance = is_overdue || name.ends_with("paid.toml");
    let tolerated = if is_chance { 0.05 } else { 0.02 };
    let transactions = error(total.transactions, result.transactions.total);
    let gas = error(total.gas, result.gas_total());
    assert!(
        transactions < tolerated,
        "{name}: {total:?} {:?}",
        result.transactions
    );
    assert!(gas < tolerated, "{name}: {total:?} {}", result.gas_total());
    // A closed load with random rounds ends with its slowest session.
    if !estimate.closed
        && estimate.gas_verdict() == LoadVerdict::Holds
        && estimate.miners_verdict() == LoadVerdict::Holds
    {
        // To the block that the last task ends in, or two more; and a task may take longer than the mean.
        let total = result.task_phases[&TaskSpan::TOTAL]
            .duration_us
            .expect("ended tasks");
        let tail = total.max - total.mean as u64;
        let ended = result.load.last_end_us.expect("an end").0;
        let block = scenario.chain.block_time.as_micros() as u64;
        let estimated = estimate.setup_us + estimate.load_us;
        let off = estimated.abs_diff(ended);
        assert!(
            off <= (3 * block).max(ended / 5) + tail,
            "{name}: {estimated} µs estimated, {ended} µs taken"
        );
    }
}

#[test]
fn transactions_and_gas_are_within_a_few_percent_of_a_run() {
    for entry in fs::read_dir(root().join("scenarios")).expect("the library") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let loaded = Loaded::from_file(&path).unwrap_or_else(|error| panic!("{error:?}"));
        compare(&path.display().to_string(), &cut(loaded.scenario));
    }
}

#[test]
fn groups_prices_and_reservations_are_estimated_too() {
    let text = r#"
name = "mixed"
price = "10 gwei"
[chain]
kind = "embedded"
gas_limit = 200_000_000
[[owners]]
name = "small"
count = 3
sessions = 2
tasks = 400
redundancy = 2
load = { constant = "40/s" }
payload_size = { uniform = ["32 B", "2 KiB"] }
[[owners]]
name = "large"
count = 2
tasks = 30
redundancy = 5
max_nodes = 12
reserve = true
[[miners]]
name = "fast"
count = 60
concurrency = 8
[[miners]]
name = "slow"
count = 20
work_time = "2s"
concurrency = 8
"#;
    compare("mixed", &Scenario::from_toml("mixed", text).expect("a scenario"));
}

#[test]
fn what_sessions_and_miners_drew_is_estimated_too() {
    let text = r#"
name = "drawn"
seed = 5
price = "10 gwei"
[chain]
kind = "embedded"
gas_limit = 200_000_000
[[owners]]
name = "few"
count = 3
sessions = 2
tasks = 600
redundancy = { uniform = [1, 9] }
max_nodes = 20
load = { constant = "40/s" }
[[owners]]
name = "many"
count = 40
tasks = 400
redundancy = { lognormal = { median = 2, p95 = 6, max = 12 } }
load = { back_to_back = { in_flight = { empirical = [1, 1, 4] } } }
[miners]
count = 90
concurrency = { lognormal = { median = 8, p95 = 20 } }
"#;
    compare("drawn", &Scenario::from_toml("drawn", text).expect("a scenario"));
}

#[test]
fn what_an_estimate_leaves_out_is_said() {
    let text = r#"
name = "uncertain"
[owners]
count = 2
tasks = 10
max_nodes = 2
max_in_flight = 50
load = { constant = "5/s" }
manage = { update = "1/min" }
[[miners]]
name = "terse"
count = 4
[[miners]]
name = "wordy"
count = 4
result_size = "1 KiB"
churn = { lifetime = "10m" }
"#;
    let scenario = Scenario::from_toml("uncertain", text).expect("a scenario");
    let left_out = Estimate::of(&scenario).expect("an estimate").left_out;
    assert_eq!(
        left_out,
        [
            LeftOut::Management,
            LeftOut::Churn,
            LeftOut::Draws,
            LeftOut::Dropped
        ]
    );
}

#[test]
fn what_blocks_hold_is_what_the_verdict_says() {
    let text = |limit: u64| {
        format!(
            "name = \"limited\"\n[chain]\nkind = \"embedded\"\ngas_limit = {limit}\n[limits]\ndrain = \"10m\"\n\
             [windows]\nack = \"10m\"\nprecommit = \"10m\"\ncommit = \"10m\"\n[owners]\ncount = 5\ntasks = 400\n\
             redundancy = 3\nmax_nodes = 20\nload = {{ constant = \"40/s\" }}\n[miners]\ncount = 40\nconcurrency = 9\n"
        )
    };
    let of = |limit| {
        let scenario = Scenario::from_toml("limited", &text(limit)).expect("a scenario");
        let estimate = Estimate::of(&scenario).expect("an estimate");
        (estimate, run(&scenario))
    };
    let (roomy, _) = of(60_000_000);
    assert_eq!(roomy.gas_verdict(), LoadVerdict::Holds);
    // Half of what the load needs: it takes twice as long.
    let needed = roomy.block_gas.mean * 60_000_000.0;
    let (tight, result) = of((needed / 2.0) as u64);
    assert_eq!(tight.gas_verdict(), LoadVerdict::Overloaded);
    assert!((tight.block_gas.mean - 2.0).abs() < 0.02, "{tight:?}");
    let took = result.load.last_end_us.unwrap().0 - result.load.start_us.unwrap().0;
    assert!(
        error(tight.load_us, took) < 0.15,
        "{} µs estimated, {took} µs taken",
        tight.load_us
    );
}

//! Capacities that arithmetic predicts, found, and named for what limits them.

use std::time::Duration;

use taskstorm::{
    capacity::{Resource, SearchEnd, Steadiness},
    protocol::REFERENCE,
    record::{Progress, Recorder},
    run::simulate,
    scenario::Scenario,
};
use tokio_util::sync::CancellationToken;

use super::search;

/// Blocks of 20 million gas each second, and miners with time to spare.
const GAS: &str = include_str!("gas.toml");

/// Gas per task of a run at leisure, setup apart.
fn gas_per_task(scenario: &str) -> f64 {
    let scenario = Scenario::from_toml("scenario.toml", scenario).unwrap();
    let stop = CancellationToken::new();
    let result = simulate(&scenario, Recorder::new(REFERENCE), &stop, |_: &Progress| {})
        .unwrap()
        .result;
    assert_eq!(result.tasks.ended, result.tasks.submitted);
    let setup = result.phases[&taskstorm::protocol::Phase::SETUP].gas_total;
    (result.gas_total() - setup) as f64 / result.tasks.ended as f64
}

#[test]
fn a_limit_of_block_gas_is_found_within_three_per_cent() {
    let predicted = 20e6 / gas_per_task(GAS);
    let found = search(
        GAS,
        &["task.total.p99 < 30s", "tasks.ended.ratio >= 0.999"],
        |settings| {
            settings.tolerance = 0.04;
            settings.from_per_s = predicted * 0.7;
            settings.step_duration = Duration::from_secs(30);
        },
    );
    let capacity = found.capacity_per_s.expect("a rate that holds");
    let error = capacity / predicted - 1.0;
    assert_eq!(found.end, SearchEnd::Found);
    assert!(error.abs() < 0.03, "{predicted} predicted, {capacity} found");
    assert_eq!(
        found.saturation.first,
        Some(Resource::BlockGas),
        "{:?}",
        found.saturation
    );
    let (low, high) = (found.low_per_s.unwrap(), found.high_per_s.unwrap());
    // The last gas of a block is too little for a whole transaction.
    assert!(low <= predicted && predicted * 0.98 <= high, "{low} {high}");
    assert!(
        high / capacity <= 1.042 && capacity / low <= 1.042,
        "{low} {high}"
    );
    let edge = found.fails_at_per_s.unwrap();
    assert!(edge / found.holds_at_per_s.unwrap() <= 1.04 + 1e-4);
}

/// Chance alone makes a backlog of Poisson arrivals grow for a while, at rates that the system can do.
#[test]
fn chance_is_not_taken_for_a_limit() {
    let predicted = 20e6 / gas_per_task(GAS);
    let poisson = GAS.replace("constant", "poisson");
    let found = search(&poisson, &["tasks.ended.ratio >= 0.999"], |settings| {
        settings.tolerance = 0.2;
        settings.from_per_s = predicted * 0.9;
        settings.repeats = 2;
    });
    let capacity = found.capacity_per_s.expect("a rate that holds");
    assert_eq!(found.end, SearchEnd::Found, "{:?}", found.message);
    assert!(
        (capacity / predicted - 1.0).abs() < 0.1,
        "{predicted} predicted, {capacity} found"
    );
    assert_eq!(
        found.saturation.first,
        Some(Resource::BlockGas),
        "{:?}",
        found.saturation
    );
    // The seeds of no two steps are the same.
    let seeds: std::collections::BTreeSet<u64> = found.steps.iter().map(|step| step.seed).collect();
    assert_eq!(seeds.len(), found.steps.len());
}

#[test]
fn a_limit_of_the_miners_time_is_found_and_named() {
    // 12 miners work 1.5 s on each of two works per task, one at a time: 4 tasks/s.
    let scenario = GAS
        .replace("count = 40", "count = 12")
        .replace("max_nodes = 6", "max_nodes = 12")
        .replace("work_time = \"100ms\"", "work_time = \"1500ms\"")
        .replace("concurrency = 50", "concurrency = 1");
    let found = search(
        &scenario,
        &["task.total.p99 < 60s", "tasks.ended.ratio >= 0.999"],
        |settings| {
            settings.from_per_s = 2.0;
            settings.step_duration = Duration::from_secs(120);
        },
    );
    let capacity = found.capacity_per_s.expect("a rate that holds");
    assert_eq!(
        found.saturation.first,
        Some(Resource::MinersWork),
        "{:?}",
        found.saturation
    );
    assert!((capacity / 4.0 - 1.0).abs() < 0.05, "{capacity}");
}

#[test]
fn a_cap_that_drops_arrivals_is_named() {
    let scenario = GAS.replace("tasks = 200", "tasks = 200\nmax_in_flight = 40");
    let found = search(&scenario, &["task.total.p99 < 30s"], |settings| {
        settings.max_steps = 1
    });
    let step = &found.steps[0];
    assert_eq!(
        (step.held, step.steadiness),
        (false, Steadiness::Dropping),
        "{step:?}"
    );
    assert!(step.tasks_dropped > 0 && step.in_flight_max <= 40, "{step:?}");
    assert_eq!(found.saturation.first, Some(Resource::OwnersCap));
}

#[test]
fn what_the_protocol_cannot_give_holds_at_no_rate() {
    let found = search(GAS, &["task.total.p50 < 1s"], |settings| settings.repeats = 1);
    assert_eq!((found.end, found.capacity_per_s), (SearchEnd::NothingHolds, None));
    assert_eq!(found.saturation.first, None);
}

#[test]
fn a_search_stops_at_its_bounds_with_what_it_knows() {
    let found = search(GAS, &["tasks.ended.ratio >= 0.999"], |settings| {
        settings.max_steps = 1
    });
    assert_eq!(
        (found.end, found.capacity_per_s, found.holds_at_per_s),
        (SearchEnd::OutOfSteps, None, Some(10.0))
    );
    let found = search(GAS, &["tasks.ended.ratio >= 0.999"], |settings| {
        settings.max_rate_per_s = 12.0;
        settings.repeats = 1;
    });
    assert_eq!(
        (found.end, found.capacity_per_s),
        (SearchEnd::HighestHolds, Some(12.0))
    );
    assert_eq!(found.fails_at_per_s, None);
}

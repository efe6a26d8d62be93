//! Blocks hide a slower actor from response times: what they cannot hide is compared as well, and a response time that only
//! moved between two blocks is no verdict.

use taskstorm::{
    compare::{CompareSettings, GasChange, RuleOutcome, Verdict},
    run::parallel_map_seeds,
};

use super::support::{Runs, settings, with};

/// Blocks of a second, and work that always ends within the one after the ack's.
const WORK_400: &[&str] = &[
    "chain.block_time=1s",
    "owners.tasks=300",
    "miners.work_time=400ms",
    "miners.ack_delay=20ms",
];
const WORK_480: &[&str] = &[
    "chain.block_time=1s",
    "owners.tasks=300",
    "miners.work_time=480ms",
    "miners.ack_delay=20ms",
];

fn ruled(rule: &str) -> CompareSettings {
    CompareSettings {
        rules: vec![rule.parse().unwrap()],
        force: true,
        ..settings()
    }
}

/// 80 ms more work leave 80 ms less to wait for the block: the response time shrinks. No pair calls that better.
#[test]
fn work_that_takes_longer_within_a_block_is_worse_in_every_pair() {
    let runs = Runs::new();
    runs.run("base", &[1, 2, 3, 4, 5], WORK_400);
    runs.run("new", &[1, 2, 3, 4, 5, 6], WORK_480);
    let rule = ruled("latency.mean > 10%");
    parallel_map_seeds(&[1, 2, 3, 4, 5], |seed| {
        // With the seed of the baseline, and with another.
        for other in [seed, seed + 1] {
            let comparison = runs.compare(&format!("base/seed-{seed}"), &format!("new/seed-{other}"), &rule);
            let worse = with(&comparison, Verdict::Worse);
            assert!(
                worse.contains(&"phase.precommit.delay.mean"),
                "{seed} {other}: {worse:?}"
            );
            assert_eq!(with(&comparison, Verdict::Better), [""; 0], "{seed} {other}");
            let shifted = with(&comparison, Verdict::Shifted);
            assert!(
                shifted.contains(&"phase.precommit.response.p50"),
                "{seed} {other}: {shifted:?}"
            );
            assert_eq!(
                comparison.rules[0].outcome,
                RuleOutcome::Failed,
                "{:?}",
                comparison.rules
            );
            assert_eq!(comparison.paired, other == seed);
        }
    });
}

/// The way back is better, and the response time, which grows, is no regression.
#[test]
fn work_that_takes_less_is_no_regression() {
    let runs = Runs::new();
    runs.run("base", &[1], WORK_480);
    runs.run("new", &[2], WORK_400);
    let comparison = runs.compare("base", "new", &ruled("latency.p50 > 10%"));
    assert_eq!(with(&comparison, Verdict::Worse), [""; 0]);
    assert!(with(&comparison, Verdict::Better).contains(&"phase.precommit.delay.mean"));
    assert_eq!(
        comparison.rules[0].outcome,
        RuleOutcome::Held,
        "{:?}",
        comparison.rules
    );
}

/// In virtual time what is sent is sent when it was meant to be: one question, not two.
#[test]
fn response_and_service_time_of_the_same_values_are_one_question() {
    let runs = Runs::new();
    runs.run("all", &[1, 2], &[]);
    let comparison = runs.compare("all/seed-1", "all/seed-2", &settings());
    let named = |name: &str| {
        let mut found = comparison.latency.iter();
        found.find(|latency| latency.quantity == name).expect("a latency")
    };
    let (response, service) = (named("phase.commit.response"), named("phase.commit.service"));
    for (one, other) in response.metrics.iter().zip(&service.metrics) {
        assert_eq!(one.interval_us, other.interval_us, "{}", one.metric);
        assert_eq!(other.metric, one.metric.replace("response", "service"));
    }
    let counted: usize = comparison
        .latency
        .iter()
        .map(|latency| latency.metrics.len())
        .sum();
    let of_service = comparison
        .latency
        .iter()
        .filter(|latency| latency.quantity.ends_with(".service"));
    let of_service: usize = of_service.map(|latency| latency.metrics.len()).sum();
    let of_gas = comparison.gas.iter().filter(|gas| !gas.exact).count();
    assert_eq!(comparison.intervals, counted - of_service + of_gas);
}

/// No percentile is beyond the largest value, and no latency shrinks by more than all of it.
#[test]
fn percentiles_and_intervals_stay_within_what_can_be() {
    let runs = Runs::new();
    runs.run("all", &[1, 2], &["owners.tasks=60"]);
    let comparison = runs.compare("all/seed-1", "all/seed-2", &settings());
    for side in ["all/seed-1", "all/seed-2"] {
        let result = runs.result(side);
        let most = result.total_time().expect("tasks ended").max as f64;
        let total = comparison
            .latency
            .iter()
            .find(|latency| latency.quantity == "task.total")
            .expect("it");
        let values = total
            .metrics
            .iter()
            .flat_map(|metric| [metric.base_us, metric.new_us])
            .flatten();
        let largest = values.fold(0.0, f64::max);
        assert!(
            largest <= most.max(runs.result("all/seed-2").total_time().unwrap().max as f64),
            "{largest} {most}"
        );
    }
    let intervals = comparison.latency.iter().flat_map(|latency| &latency.metrics);
    for metric in intervals {
        let low = metric.interval_ratio.map_or(0.0, |interval| interval.low);
        assert!(low >= -1.0, "{metric:?}");
    }
}

/// A call or two of another seed are no exact difference.
#[test]
fn gas_of_a_few_calls_of_other_seeds_is_not_exact() {
    let runs = Runs::new();
    let few = &["owners.count=1", "owners.tasks=2"];
    runs.run("base", &[1], few);
    runs.run("new", &[2], few);
    let comparison = runs.compare("base", "new", &settings());
    let calls = |gas: &GasChange| {
        let calls = gas.statistic("calls");
        calls.map_or(0.0, |calls| {
            calls.base.unwrap_or(0.0).min(calls.new.unwrap_or(0.0))
        })
    };
    let few: Vec<_> = comparison.gas.iter().filter(|gas| calls(gas) < 3.0).collect();
    assert!(
        few.iter().any(|gas| gas.quantity == "function.create.gas"),
        "{few:?}"
    );
    assert!(few.iter().all(|gas| !gas.exact), "{few:#?}");
}

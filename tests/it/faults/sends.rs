//! A transaction that the node did not take is sent again at once; one that it took is not lost with its answer.

use std::time::Duration;

use super::stage::{SEND, Stage, each, load};
use crate::support::proxy::{Fault, RetryAfter, Rule};

fn faults() -> Vec<(&'static str, Fault)> {
    vec![
        ("500", Fault::Status(500, RetryAfter::Unsaid)),
        ("503", Fault::Status(503, RetryAfter::Unsaid)),
        ("429", Fault::Status(429, RetryAfter::Seconds(1))),
        ("refused", Fault::Refused),
        ("reset midway", Fault::ResetMidway),
        ("truncated", Fault::Truncated),
        ("empty", Fault::Empty),
        ("garbage", Fault::Garbage),
        ("lost", Fault::Lost),
        ("missing answers", Fault::MissingAnswers),
        ("delayed", Fault::Delayed(Duration::from_secs(1))),
    ]
}

#[test]
fn failed_sends_in_setup_cost_nothing() {
    each(
        &faults(),
        |(name, _)| (*name).to_owned(),
        |(name, fault)| {
            let stage = Stage::new();
            stage.proxy.rule(Rule::always(fault.clone()).on(&[SEND]).times(2));
            stage.run(name);
            assert!(stage.proxy.faults() > 0, "{name}: {:?}", stage.proxy.counts());
        },
    );
}

#[test]
fn failed_sends_under_load_cost_nothing() {
    each(
        &faults(),
        |(name, _)| (*name).to_owned(),
        |(name, fault)| {
            let stage = Stage::new();
            let rule = Rule::always(fault.clone()).on(&[SEND]).after(&load()).times(5);
            stage.proxy.rule(rule);
            stage.run(name);
            assert!(stage.proxy.faults() > 0, "{name}: {:?}", stage.proxy.counts());
        },
    );
}

/// Setup is not what is measured: it waits for a node that limits the rate of requests.
#[test]
fn a_rate_limit_slows_setup_and_load_and_fails_neither() {
    let stage = Stage::new();
    let fault = Fault::Status(429, RetryAfter::Seconds(1));
    stage.proxy.rule(Rule::always(fault).on(&[SEND]).chance(0.5));
    stage.run("half of all sends limited");
    assert!(stage.proxy.faults() > 0, "{:?}", stage.proxy.counts());
}

//! A transaction that the node did not take is sent again at once; one that it took is not lost with its answer.

use std::time::Duration;
use taskstorm::proxy::{AnswerFault, RetryAfter, Rule};

use super::stage::{SEND, Stage, each, load};

fn faults() -> Vec<(&'static str, AnswerFault)> {
    vec![
        ("500", AnswerFault::Status(500, RetryAfter::Unsaid)),
        ("503", AnswerFault::Status(503, RetryAfter::Unsaid)),
        ("429", AnswerFault::Status(429, RetryAfter::Seconds(1))),
        ("refused", AnswerFault::Refused),
        ("reset midway", AnswerFault::ResetMidway),
        ("truncated", AnswerFault::Truncated),
        ("empty", AnswerFault::Empty),
        ("garbage", AnswerFault::Garbage),
        ("lost", AnswerFault::Lost),
        ("missing answers", AnswerFault::MissingAnswers),
        ("delayed", AnswerFault::Delayed(Duration::from_secs(1))),
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
    let fault = AnswerFault::Status(429, RetryAfter::Seconds(1));
    stage.proxy.rule(Rule::always(fault).on(&[SEND]).chance(0.5));
    stage.run("half of all sends limited");
    assert!(stage.proxy.faults() > 0, "{:?}", stage.proxy.counts());
}

//! One read that fails costs a run nothing, in setup and under load.

use std::time::Duration;
use taskstorm::proxy::{AnswerFault, RetryAfter, Rule};

use serde_json::Value;

use super::stage::{READS, SEND, Stage, each, load};

/// Methods that setup calls, and those that a block is read with.
const IN_SETUP: [&str; 3] = [
    "eth_blockNumber",
    "eth_getTransactionCount",
    "eth_getTransactionReceipt",
];
const OF_BLOCKS: [&str; 3] = ["eth_getBlockByNumber", "eth_getLogs", "debug_traceTransaction"];

fn faults() -> Vec<(&'static str, AnswerFault)> {
    vec![
        ("500", AnswerFault::Status(500, RetryAfter::Unsaid)),
        ("503", AnswerFault::Status(503, RetryAfter::Unsaid)),
        ("429 in seconds", AnswerFault::Status(429, RetryAfter::Seconds(1))),
        ("429 by date", AnswerFault::Status(429, RetryAfter::Date(1))),
        ("refused", AnswerFault::Refused),
        ("reset midway", AnswerFault::ResetMidway),
        ("truncated", AnswerFault::Truncated),
        ("empty", AnswerFault::Empty),
        ("garbage", AnswerFault::Garbage),
        ("error", AnswerFault::Error(-32_603, "internal error")),
        (
            "rate limit",
            AnswerFault::Error(-32_005, "request count exceeded, request rate limited"),
        ),
        ("null", AnswerFault::Result(Value::Null)),
        ("lost", AnswerFault::Lost),
        ("delayed", AnswerFault::Delayed(Duration::from_secs(2))),
    ]
}

#[test]
fn one_failed_read_in_setup_costs_nothing() {
    let cases: Vec<_> = faults().into_iter().zip(0..).collect();
    each(
        &cases,
        |((name, _), _)| (*name).to_owned(),
        |((name, fault), place)| {
            let stage = Stage::new();
            let once = Rule::once(fault.clone());
            // Another read each time, the node's greeting among them.
            let rule = match (*name, place % 4) {
                // What a node that lags says of a receipt; a nonce or a block number that is null is garbage.
                ("null", _) => once.on(&["eth_getTransactionReceipt"]),
                (_, 0) => once.on(&["eth_chainId"]),
                (_, 1) => once.on(&["web3_clientVersion"]),
                (_, other) => once.on(&IN_SETUP).skip(other - 2),
            };
            stage.proxy.rule(rule);
            stage.run(name);
            assert_eq!(stage.proxy.faults(), 1, "{name}: {:?}", stage.proxy.counts());
        },
    );
}

#[test]
fn one_failed_read_under_load_costs_nothing() {
    let batches = [
        ("error each", AnswerFault::ErrorEach(-32_603, "internal error")),
        ("missing answers", AnswerFault::MissingAnswers),
    ];
    let cases: Vec<_> = faults().into_iter().chain(batches).zip(0..).collect();
    each(
        &cases,
        |((name, _), _)| (*name).to_owned(),
        |((name, fault), place)| {
            let stage = Stage::new();
            let methods = match *name {
                "null" => &OF_BLOCKS[..1],
                "error each" | "missing answers" => &OF_BLOCKS[2..],
                _ => &OF_BLOCKS[place % 3..=place % 3],
            };
            stage
                .proxy
                .rule(Rule::once(fault.clone()).on(methods).after(&load()).skip(3));
            stage.run(name);
            assert_eq!(stage.proxy.faults(), 1, "{name}: {:?}", stage.proxy.counts());
        },
    );
}

/// A second without any usable read, and the time that `Retry-After` asks for is given.
#[test]
fn a_second_without_reads_is_borne() {
    let cases = [
        ("503", AnswerFault::Status(503, RetryAfter::Unsaid)),
        ("429", AnswerFault::Status(429, RetryAfter::Seconds(1))),
        ("refused", AnswerFault::Refused),
        ("garbage", AnswerFault::Garbage),
    ];
    each(
        &cases,
        |(name, _)| (*name).to_owned(),
        |(name, fault)| {
            let stage = Stage::new();
            let run = stage.start(0);
            run.reaches_its_middle();
            let second = Duration::from_secs(1);
            stage.proxy.rule(
                Rule::always(fault.clone())
                    .on(&READS)
                    .between(Duration::ZERO, second),
            );
            let ended = run.end_within(super::stage::LIMIT);
            stage.undisturbed(name, &ended);
            assert!(stage.proxy.faults() > 0, "{name}");
            assert!(stage.proxy.count(SEND) > 0);
        },
    );
}

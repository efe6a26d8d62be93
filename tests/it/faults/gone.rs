//! A node that does not come back, and one that does.

use std::time::Duration;
use taskstorm::proxy::{AnswerFault, RetryAfter, Rule};

use nix::sys::signal::Signal;
use serde_json::json;

use super::stage::{LIMIT, READS, SEND, SMALL, Stage, TASKS, each};
use crate::support::{processes::send, wait::eventually};

#[test]
fn a_node_that_never_answers_usably_again_ends_the_run_with_its_status() {
    let cases = [
        ("HTTP 503", AnswerFault::Status(503, RetryAfter::Unsaid), true),
        ("HTTP 500", AnswerFault::Status(500, RetryAfter::Unsaid), false),
    ];
    each(
        &cases,
        |(name, ..)| (*name).to_owned(),
        |(name, fault, under_load)| {
            let stage = Stage::new();
            if !under_load {
                stage
                    .proxy
                    .rule(Rule::always(fault.clone()).on(&["eth_getTransactionCount"]));
            }
            let run = stage.start(3);
            if *under_load {
                run.reaches_its_middle();
                stage.proxy.rule(Rule::always(fault.clone()).on(&READS));
                stage.proxy.rule(Rule::always(fault.clone()).on(&[SEND]));
            }
            let ended = run.end_within(LIMIT);
            assert!(
                ended.stderr.contains(name) || ended.stdout.contains(name),
                "{}",
                ended.stderr
            );
            if *under_load {
                assert!(!ended.folder().result.complete);
            }
        },
    );
}

/// Everything under way misses its deadline at once; it is not asked for all at once.
#[test]
fn a_node_that_stands_still_for_some_seconds_is_not_flooded() {
    let stage = Stage::new();
    let run = stage.start(0);
    run.reaches_its_middle();
    let connections = stage.proxy.count("connections");
    send(stage.node.pid(), Signal::SIGSTOP);
    // The outage itself: longer than the deadline of a transaction.
    std::thread::sleep(Duration::from_secs(5));
    send(stage.node.pid(), Signal::SIGCONT);
    let ended = run.end_within(LIMIT);
    stage.undisturbed("still for 5 s", &ended);
    let opened = stage.proxy.count("connections") - connections;
    assert!(opened < 64, "{opened} connections");
}

#[test]
fn a_node_that_is_away_for_some_seconds_is_waited_for() {
    let stage = Stage::new();
    let run = stage.start(0);
    run.reaches_its_middle();
    stage.proxy.close();
    // The outage itself: how long the node is away is what is tried.
    std::thread::sleep(Duration::from_secs(3));
    stage.proxy.open(&stage.node.url()).expect("an address");
    let ended = run.end_within(LIMIT);
    stage.undisturbed("away for 3 s", &ended);
}

/// Transactions that wait in the pool until nobody waits for them any more are lost only if another takes their nonce.
#[test]
fn what_is_lost_in_the_file_is_in_no_block() {
    let stage = Stage::new();
    let scenario = SMALL.replace("\"60s\"", "\"4s\"").replace("\"3s\"", "\"1s\"");
    let run = stage.taskstorm(&scenario).any_code().start();
    run.reaches_its_middle();
    stage.ask("evm_setIntervalMining", json!([0]));
    eventually("a transaction in the place of another", || {
        let content = stage.ask("txpool_content", json!([]));
        let of_accounts = content["pending"].as_object()?.values();
        let mut waiting =
            of_accounts.flat_map(|of_one| of_one.as_object().into_iter().flat_map(|one| one.values()));
        waiting.any(|tx| tx["input"] == "0x").then_some(())
    });
    stage.ask("evm_setIntervalMining", json!([1]));
    let ended = run.end_within(LIMIT);
    stage.recount("blocks that did not come", &ended);
    let folder = ended.folder();
    let (tasks, transactions) = (&folder.result.tasks, &folder.result.transactions);
    assert_eq!(tasks.ended + tasks.failed, TASKS, "{tasks:?}\n{}", ended.stderr);
    assert!(transactions.lost > 0, "{transactions:?}");
    assert_eq!(folder.result.invariants.violated, 0, "{}", ended.stdout);
}

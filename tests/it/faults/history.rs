//! History changes under a run, and logs lie: the files agree with the chain as it is in the end.

use alloy::primitives::keccak256;
use serde_json::{Value, json};
use taskstorm::proxy::{AnswerFault, Rule};

use super::stage::{LIMIT, SMALL, Stage, TASKS, each, load, summary};
use crate::support::{
    taskstorm::{Ended, Taskstorm},
    wait::eventually,
};

/// What changes the history of a node.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// Replaces so many blocks by as many empty ones; the node drops their transactions.
    Reorg(u64),
    /// Takes so many blocks back.
    Rollback(u64),
}

#[test]
fn reorgs_and_rollbacks_are_followed() {
    let cases = [
        Change::Reorg(1),
        Change::Reorg(3),
        Change::Rollback(1),
        Change::Rollback(3),
    ];
    each(
        &cases,
        |change| format!("{change:?}"),
        |change| {
            let stage = Stage::new();
            let run = stage.start(0);
            run.reaches_its_middle();
            let (method, params, depth) = match *change {
                Change::Reorg(depth) => ("anvil_reorg", json!([depth, []]), depth),
                Change::Rollback(depth) => ("anvil_rollback", json!([depth]), depth),
            };
            stage.ask(method, params);
            let ended = run.end_within(LIMIT);
            let folder = ended.success();
            assert_eq!(folder.result.invariants.violated, 0);
            stage.recount(&format!("{change:?}"), &ended);
            let node = &summary(&ended)["node"];
            let figure = |name: &str| node[name].as_u64().unwrap_or_default();
            // A block that the run had not read yet is nothing to take back, and one that is made while it reads is taken
            // back by itself.
            assert!(figure("deepest_reorg") <= depth, "{change:?}: {node}");
            assert!(figure("reorgs") <= depth, "{change:?}: {node}");
            assert!(depth == 1 || figure("reorgs") > 0, "{change:?}: {node}");
        },
    );
}

#[test]
fn logs_that_are_missing_once_are_read_again() {
    let cases = [0, 5, 10];
    each(
        &cases,
        |skip| format!("empty logs after {skip} reads"),
        |skip| {
            let stage = Stage::new();
            let empty = AnswerFault::Result(Value::Array(Vec::new()));
            let rule = Rule::once(empty).on(&["eth_getLogs"]).after(&load()).skip(*skip);
            stage.proxy.rule(rule);
            stage.run("empty logs");
            assert_eq!(stage.proxy.faults(), 1);
        },
    );
}

#[test]
fn another_chain_at_the_same_address_ends_the_run() {
    let stage = Stage::new();
    let run = stage.taskstorm(SMALL).code(3).stderr_has("another chain").start();
    run.reaches_its_middle();
    let other = Stage::new();
    stage.proxy.close();
    stage.proxy.open(&other.node.url()).expect("an address");
    let ended = run.end_within(LIMIT);
    assert!(!ended.folder().result.complete);
}

/// The event of an opened session.
const SESSION_CREATED: &str = "SessionCreated(uint256,bytes32,address,address[])";

/// [`SMALL`] with money and dedicated miners, so that owners call their sessions by id before the load begins.
fn paid() -> String {
    SMALL
        .replace("seed = 3", "seed = 3\nprice = \"1 gwei\"")
        .replace(
            "redundancy = 2",
            "redundancy = 2\nmode = \"hybrid\"\ndeposit = \"1 ether\"\ndedicated = { group = \"own\", nodes = 1 }",
        )
        .replace(
            "[miners]\ncount = 4",
            "[[miners]]\nname = \"own\"\ncount = 2\n[[miners]]\nname = \"pool\"\ncount = 4",
        )
}

/// The logs of the two sessions that were opened, once both are.
fn both_opened(stage: &Stage) -> Vec<Value> {
    let topic = keccak256(SESSION_CREATED).to_string();
    let filter = json!([{ "fromBlock": "0x0", "toBlock": "latest", "topics": [topic] }]);
    eventually("two sessions", || {
        let logs = stage.ask("eth_getLogs", filter.clone());
        let logs = logs.as_array().filter(|logs| logs.len() == 2)?;
        Some(logs.clone())
    })
}

/// Runs a scenario, and opens its two sessions in the other order by a reorg of all blocks since, so many after they are open.
/// Whatever came of the run, its files agree with the chain and nothing is broken.
fn swapped(scenario: &str, blocks: u64, expect: impl Fn(Taskstorm) -> Taskstorm) -> Ended {
    let stage = Stage::new();
    let run = expect(stage.taskstorm(scenario)).start();
    let logs = both_opened(&stage);
    let first = number(&logs[0]["blockNumber"]);
    let latest = eventually("a block", || {
        let latest = number(&stage.ask("eth_blockNumber", json!([])));
        (latest >= first + blocks).then_some(latest)
    });
    let raw = |log: &Value| stage.ask("eth_getRawTransactionByHash", json!([log["transactionHash"]]));
    let other_first = json!([[raw(&logs[1]), 0], [raw(&logs[0]), 0]]);
    let mut depth = latest - first + 1;
    eventually("sessions with other ids", || {
        // A block that is made between the question and the reorg makes this too short.
        stage.ask("anvil_reorg", json!([depth, other_first]));
        depth = number(&stage.ask("eth_blockNumber", json!([]))) - first + 1;
        let again = both_opened(&stage);
        (logs[0]["data"] != again[0]["data"]).then_some(())
    });
    let ended = run.end_within(LIMIT);
    let folder = ended.folder();
    assert_eq!(folder.result.invariants.violated, 0, "{blocks}: {}", ended.stdout);
    assert_eq!(folder.result.tasks.offered(), TASKS, "{blocks}");
    stage.recount(&format!("{blocks} blocks"), &ended);
    ended
}

#[test]
fn sessions_that_a_reorg_gives_other_ids_are_followed() {
    each(
        &[0, 1],
        |blocks| format!("{blocks} blocks after both are open"),
        |blocks| {
            let ended = swapped(&paid(), *blocks, |run| run);
            assert_eq!(ended.folder().result.tasks.ended, TASKS, "{blocks}");
        },
    );
}

#[test]
fn tasks_of_sessions_that_a_reorg_gives_other_ids_are_accounted_for() {
    // What was under way for one session may then be for the other: an ack of the wrong task, a hash of another result.
    let scenario = paid().replace("\"60s\"", "\"4s\"");
    each(
        &[3, 5, 8],
        |blocks| format!("{blocks} blocks after both are open"),
        |blocks| {
            let ended = swapped(&scenario, *blocks, Taskstorm::any_code);
            assert!(
                matches!(ended.code, Some(0 | 4)),
                "{blocks}: {}\n{}",
                ended.stdout,
                ended.stderr
            );
            let tasks = &ended.folder().result.tasks;
            assert_eq!(tasks.ended + tasks.failed, TASKS, "{blocks}: {tasks:?}");
        },
    );
}

/// A quantity of JSON-RPC.
fn number(quantity: &Value) -> u64 {
    let digits = quantity.as_str().and_then(|text| text.strip_prefix("0x"));
    u64::from_str_radix(digits.expect("a quantity"), 16).expect("a number")
}

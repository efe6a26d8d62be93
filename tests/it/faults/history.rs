//! History changes under a run, and logs lie: the files agree with the chain as it is in the end.

use serde_json::{Value, json};

use super::stage::{LIMIT, SMALL, Stage, each, load, summary};
use crate::support::proxy::{Fault, Rule};

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
            let run = stage.start(SMALL);
            run.reaches_its_middle();
            let (method, params, depth) = match *change {
                Change::Reorg(depth) => ("anvil_reorg", json!([depth, []]), depth),
                Change::Rollback(depth) => ("anvil_rollback", json!([depth]), depth),
            };
            stage.ask(method, params);
            let ended = run.end_within(LIMIT);
            assert_eq!(
                ended.code,
                Some(0),
                "{change:?}: {}\n{}",
                ended.stdout,
                ended.stderr
            );
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
            let empty = Fault::Result(Value::Array(Vec::new()));
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
    let run = stage.start(SMALL);
    run.reaches_its_middle();
    let other = Stage::new();
    stage.proxy.close();
    stage.proxy.open(&other.node.url());
    let ended = run.end_within(LIMIT);
    assert_eq!(ended.code, Some(3), "{}\n{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains("another chain"), "{}", ended.stderr);
    assert!(!ended.folder().result.complete);
}

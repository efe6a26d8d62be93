//! Every submission is accounted for when the contracts are gone in mid-run.

use serde_json::json;

use super::stage::{LIMIT, SMALL, Stage, TASKS};
use crate::support::wait::eventually;

#[test]
fn tasks_are_accounted_for_when_the_code_of_the_contracts_is_wiped() {
    let stage = Stage::new();
    // The node is to blame: no invariant of the contracts is broken.
    let run = stage.taskstorm(SMALL).code(3).stderr_has("no code").start();
    run.reaches_its_middle();
    // Under load all transactions go to the queue of tasks.
    let queue = eventually("a transaction to the queue", || {
        let block = stage.ask("eth_getBlockByNumber", json!(["latest", true]));
        block["transactions"][0]["to"].as_str().map(str::to_owned)
    });
    stage.ask("anvil_setCode", json!([queue, "0x"]));
    let ended = run.end_within(LIMIT);
    let folder = ended.folder();
    let tasks = &folder.result.tasks;
    assert!(tasks.unfinished > 0 && tasks.offered() <= TASKS, "{tasks:?}");
    assert_eq!(folder.calls("submitTask").count() as u64, tasks.submitted);
}

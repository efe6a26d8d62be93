//! Every task is accounted for when the contracts are gone in mid-run.

use serde_json::json;

use super::stage::{LIMIT, SMALL, Stage, TASKS, summary};
use crate::run::command::eventually;

#[test]
fn tasks_are_accounted_for_when_the_code_of_the_contracts_is_wiped() {
    let stage = Stage::new();
    let scenario = SMALL.replace("drain = \"40s\"", "drain = \"5s\"");
    let run = stage.start(&scenario);
    run.reaches_its_middle();
    // Under load all transactions go to the queue of tasks.
    let queue = eventually("a transaction to the queue", || {
        let block = stage.ask("eth_getBlockByNumber", json!(["latest", true]));
        block["transactions"][0]["to"].as_str().map(str::to_owned)
    });
    stage.ask("anvil_setCode", json!([queue, "0x"]));
    let ended = run.end_within(LIMIT);
    // Tasks stay open, and the node is to blame: no invariant of the contracts is broken.
    assert_eq!(ended.code, Some(1), "{}\n{}", ended.stdout, ended.stderr);
    let tasks = ended.folder().result.tasks;
    assert_eq!(tasks.offered(), TASKS, "{tasks:?}");
    assert!(tasks.unfinished + tasks.failed > 0, "{tasks:?}");
    assert_eq!(summary(&ended)["tasks"]["submitted"], TASKS);
}

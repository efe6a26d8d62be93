//! Every task is accounted for when the contracts are gone in mid-run.

use serde_json::json;

use super::stage::{LIMIT, SMALL, Stage, TASKS, summary};

#[test]
fn tasks_are_accounted_for_when_the_code_of_the_contracts_is_wiped() {
    let stage = Stage::new();
    let scenario = SMALL.replace("drain = \"40s\"", "drain = \"5s\"");
    let run = stage.start(&scenario);
    run.reaches_its_middle();
    let deployed = stage.ask("eth_getBlockByNumber", json!(["latest", true]));
    let to = deployed["transactions"].as_array().expect("transactions").iter();
    let queue = to.filter_map(|transaction| transaction["to"].as_str()).next();
    let queue = queue.expect("a transaction to the queue").to_owned();
    stage.ask("anvil_setCode", json!([queue, "0x"]));
    let ended = run.end_within(LIMIT);
    // Tasks stay open, and the node is to blame: no invariant of the contracts is broken.
    assert_eq!(ended.code, Some(1), "{}\n{}", ended.stdout, ended.stderr);
    let tasks = ended.folder().result.tasks;
    assert_eq!(tasks.offered(), TASKS, "{tasks:?}");
    assert!(tasks.unfinished + tasks.failed > 0, "{tasks:?}");
    assert_eq!(summary(&ended)["tasks"]["submitted"], TASKS);
}

//! Many tasks on a node that fails one request in twenty, in ten ways.

use std::time::Duration;
use taskstorm::proxy::faulty;

use super::stage::{Stage, recount};

/// Tasks of the small soak. `cargo bench --bench soak` runs 20,000 with one failure in a hundred requests.
const TASKS: u64 = 300;

#[test]
fn a_node_that_fails_one_request_in_twenty_costs_no_task() {
    let stage = Stage::with_gas(Duration::from_millis(500), 200_000_000);
    for rule in faulty(0.05) {
        stage.proxy.rule(rule);
    }
    let scenario =
        include_str!("../../../benches/soak.toml").replace("tasks = 20_000", &format!("tasks = {TASKS}"));
    let ended = stage.taskstorm(&scenario).end();
    let folder = ended.success();
    assert_eq!(folder.result.tasks.ended, TASKS, "{:?}", folder.result.tasks);
    let counted = recount("soak", &stage.node.url(), &ended.out());
    assert_eq!(counted["gas"], folder.result.gas_total());
    assert!(stage.proxy.faults() > 0, "{:?}", stage.proxy.counts());
}

//! Many tasks on a node that fails one request in a hundred, in ten ways.

use super::stage::{Stage, recount};
use crate::{run::command::Trial, support::proxy::faulty};

/// Tasks of the small soak; `cargo bench --bench soak` runs the large one.
const TASKS: u64 = 300;

#[test]
fn a_node_that_fails_one_request_in_a_hundred_costs_no_task() {
    let stage = Stage::new();
    for rule in faulty(0.01) {
        stage.proxy.rule(rule);
    }
    let scenario = include_str!("soak.toml").replace("tasks = 20_000", &format!("tasks = {TASKS}"));
    let ended = Trial::on(&stage.proxy.url(), &scenario)
        .start()
        .end_within(super::stage::LIMIT);
    let folder = ended.success();
    assert_eq!(folder.result.tasks.ended, TASKS, "{:?}", folder.result.tasks);
    let counted = recount("soak", &stage.node.url(), &ended.out());
    assert_eq!(counted["gas"], folder.result.gas_total());
    assert!(stage.proxy.faults() > 0, "{:?}", stage.proxy.counts());
}

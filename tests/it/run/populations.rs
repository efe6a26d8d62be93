//! A bit of everything that owners and miners do beside tasks, on a real anvil.

use taskstorm::protocol::{Function, Invariant, Phase};

use crate::support::taskstorm::Taskstorm;

const EVERYTHING: &str = r#"
name = "everything"
seed = 6
price = "10 wei"
# Both flaky miners may be dealt the same task, and leave it.
thresholds = ["tasks.failed.count <= 12"]
[chain]
block_time = "500ms"
[windows]
ack = "2s"
precommit = "4s"
commit = "4s"
[[owners]]
name = "open"
count = 2
tasks = 40
min_nodes = 2
max_nodes = 4
redundancy = 2
deposit = "1 gwei"
load = { constant = "5/s" }
[owners.manage]
update = "1/s"
top_up = { rate = "1/s", amount = "100 wei" }
withdraw = { rate = "1/s", amount = "7 wei" }
routers = "3/s"
reopen = { every_tasks = 6 }
[[owners]]
name = "reserving"
count = 1
tasks = 10
redundancy = 2
reserve = true
manage = { reopen = "0.5/s" }
[[owners]]
name = "own"
count = 1
mode = "dedicated"
tasks = 10
redundancy = 2
dedicated = { group = "gpu", nodes = 2 }
manage = { dedicated = "2/s" }
[[miners]]
count = 14
concurrency = 4
churn = { lifetime = { exponential = "20s" }, away = "2s" }
[[miners]]
name = "flaky"
count = 2
churn = { kind = "crash", lifetime = "4s" }
[[miners]]
name = "late"
count = 2
join_after = "1s"
[[miners]]
name = "gpu"
count = 3
"#;

#[test]
fn owners_manage_their_sessions_and_miners_come_and_go() {
    let folder = Taskstorm::run(EVERYTHING).args(["--quiet"]).end().success();
    let result = &folder.result;
    assert_eq!((result.tasks.submitted, result.tasks.unfinished), (60, 0));
    assert_eq!(result.invariants.violated, 0, "{:?}", result.invariants);
    assert!(result.invariants.checked.contains(&Invariant::CONSERVATION));
    let included = |function| {
        let found = result.functions.get(&function);
        found.map_or(0, |function| function.transactions.included)
    };
    for function in [
        Function::UPDATE,
        Function::WITHDRAW,
        Function::DEACTIVATE,
        Function::ADD_ROUTER,
        Function::UPDATE_ROUTER,
        Function::ADD_DEDICATED_NODE,
        Function::REMOVE_DEDICATED_NODE,
    ] {
        assert!(included(function) > 0, "{function:?}");
    }
    // 14 miners and the flaky two are there from the start; three let sessions have them; four sessions, two deposits that were asked for and two
    // that tasks cost, two dedicated nodes.
    assert_eq!(
        result.phases[&Phase::SETUP].transactions.total,
        16 + 3 + 4 + 4 + 2
    );
    let manage = &result.phases[&Phase::MANAGE];
    assert!(manage.transactions.included > 40, "{:?}", manage.transactions);
    // Limits hold what the calls use.
    let out_of_gas = manage
        .failures
        .reverted
        .keys()
        .filter(|reason| reason.contains("gas"));
    assert_eq!(out_of_gas.count(), 0, "{:?}", manage.failures);
}

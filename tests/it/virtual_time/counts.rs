//! Sessions and miners that drew their counts, in a whole run.

use taskstorm::{
    plan::{LoadPlan, Plan},
    protocol::{Function, Invariant},
    scenario::Scenario,
};

use super::simulated;

const SCENARIO: &str = r#"
name = "drawn"
seed = 8
price = "10 wei"
[chain]
kind = "embedded"
[[owners]]
name = "closed"
count = 4
sessions = 2
tasks = { per_session = 6 }
redundancy = { uniform = [1, 5] }
max_nodes = 8
load = { back_to_back = { in_flight = { empirical = [1, 1, 3, 9] } } }
[[owners]]
name = "open"
count = 3
sessions = 2
tasks = 60
redundancy = { lognormal = { median = 2, p95 = 6, max = 7 } }
load = { constant = "6/s" }
[miners]
count = 24
concurrency = { lognormal = { median = 2, p95 = 8 } }
"#;

#[test]
fn every_task_has_the_miners_that_its_session_drew() {
    let plan = Plan::of(&Scenario::from_toml("drawn", SCENARIO).expect("a scenario"));
    let sessions = || plan.owners.iter().flat_map(|owner| &owner.sessions);
    let drawn: Vec<u64> = sessions().map(|session| session.spec.redundancy).collect();
    assert!(drawn.contains(&1) && drawn.contains(&5), "{drawn:?}");
    let in_flight: Vec<&[u32]> = plan
        .owners
        .iter()
        .filter_map(|owner| match &owner.load {
            LoadPlan::Closed { in_flight, .. } => Some(in_flight.as_slice()),
            LoadPlan::Open(_) => None,
        })
        .collect();
    assert!(in_flight.concat().contains(&9) && in_flight.concat().contains(&1));

    let folder = simulated(SCENARIO);
    let result = &folder.result;
    assert_eq!(result.transactions.failed(), 0, "{:?}", result.phases);
    let tasks: u64 = sessions().filter_map(|session| session.tasks).sum();
    assert_eq!((result.tasks.submitted, result.tasks.ended), (tasks, tasks));
    assert_eq!(tasks, 48 + 60);
    assert!(result.invariants.checked.contains(&Invariant::CONSERVATION));

    // Every miner of a task acks, precommits and commits once.
    let given: u64 = sessions()
        .map(|session| session.tasks.unwrap_or_default() * session.spec.redundancy)
        .sum();
    for function in [Function::ACK, Function::PRECOMMIT, Function::COMMIT] {
        assert_eq!(
            result.functions[&function].transactions.included, given,
            "{function:?}"
        );
    }
    // What was deposited is what the tasks cost, and all of it was paid out.
    let deposited: u64 = sessions()
        .map(|session| u64::try_from(session.deposit).expect("few wei"))
        .sum();
    assert_eq!(deposited, given * 10);
}

//! Owners that manage their sessions, and miners that come and go, in whole runs: every task is accounted for, the
//! invariants hold, and what is done beside tasks is counted apart from them.

use taskstorm::{
    protocol::{Function, Invariant, Phase},
    record::StopReason,
};

use super::simulated;
use crate::support::{folder::Folder, scenario::with, taskstorm::Taskstorm};

/// Twelve tasks a second for ten seconds, from two owners of two sessions each.
const SCENARIO: &str = r#"
name = "population"
seed = 4
price = "10 wei"
[chain]
kind = "embedded"
[windows]
ack = "3s"
precommit = "5s"
commit = "5s"
[owners]
count = 2
sessions = 2
tasks = 120
min_nodes = 2
max_nodes = 4
redundancy = 2
load = { constant = "12/s" }
[[miners]]
name = "pool"
count = 24
concurrency = 8
"#;

/// It with these lines of the owners and of the pool, behind which other groups may come.
fn population(owners: &str, pool: &str) -> String {
    let changes = format!("[owners]\n{owners}\n[[miners]]\nname = \"pool\"\n{pool}");
    with(SCENARIO, &changes)
}

fn included(folder: &Folder, function: Function) -> u64 {
    folder
        .result
        .functions
        .get(&function)
        .map_or(0, |result| result.transactions.included)
}

/// A run of which nothing fails, with its tasks all ended.
fn flawless(owners: &str, miners: &str) -> Folder {
    let folder = simulated(&population(owners, miners));
    assert_eq!(
        folder.result.transactions.failed(),
        0,
        "{:?}",
        folder.result.phases
    );
    assert_eq!(folder.result.tasks.ended, 120);
    assert!(
        folder
            .result
            .invariants
            .checked
            .contains(&Invariant::CONSERVATION)
    );
    folder
}

#[test]
fn without_management_there_is_none() {
    let folder = flawless("", "");
    assert_eq!(folder.result.phases[&Phase::MANAGE].transactions.total, 0);
}

/// Ten seconds at so many a second: a Poisson process with this mean.
fn about(count: u64, mean: f64) {
    let deviation = (count as f64 - mean).abs();
    assert!(deviation < 4.0 * mean.sqrt(), "{count}, expected {mean}");
}

#[test]
fn every_duty_comes_at_its_rate_and_in_its_own_row() {
    let duties = [
        ("update = \"6/s\"", &[Function::UPDATE][..]),
        (
            "top_up = { rate = \"6/s\", amount = \"3 wei\" }",
            &[Function::DEPOSIT],
        ),
        (
            "withdraw = { rate = \"6/s\", amount = \"1 wei\" }, top_up = { rate = \"1/s\", amount = \"1 gwei\" }",
            &[Function::WITHDRAW],
        ),
        (
            "routers = \"6/s\"",
            &[
                Function::ADD_ROUTER,
                Function::UPDATE_ROUTER,
                Function::REMOVE_ROUTER,
                Function::RESET_ROUTERS,
            ],
        ),
    ];
    for (duty, functions) in duties {
        let folder = simulated(&population(
            &format!("deposit = \"1 gwei\"\nmanage = {{ {duty} }}"),
            "",
        ));
        assert_eq!(
            folder.result.transactions.failed(),
            0,
            "{duty}: {:?}",
            folder.result.phases
        );
        let counted: u64 = functions
            .iter()
            .map(|function| included(&folder, *function))
            .sum();
        // The four deposits of the start are setup's.
        let setup = if functions[0] == Function::DEPOSIT { 4 } else { 0 };
        // From the beginning of the load to the end of the last task: ten seconds, and some blocks.
        let load = &folder.result.load;
        let seconds = (load.last_end_us.unwrap().0 - load.start_us.unwrap().0) as f64 / 1e6;
        about(counted - setup, 6.0 * seconds);
        let phases = &folder.result.phases;
        assert_eq!(phases[&Phase::SETUP].transactions.total, 24 + 4 + 4, "{duty}");
        assert!(phases[&Phase::MANAGE].transactions.total >= counted - setup);
        assert_eq!(phases[&Phase::SUBMIT].transactions.total, 120);
    }
}

#[test]
fn sessions_that_are_reopened_lose_no_task_and_no_money() {
    for reserve in [false, true] {
        let folder = flawless(
            &format!(
                "deposit = \"1 gwei\"\nreserve = {reserve}\nmanage = {{ reopen = {{ every_tasks = 5 }} }}"
            ),
            "",
        );
        let reopened = included(&folder, Function::CREATE) - 4;
        assert!(reopened >= 4, "{reopened}");
        assert_eq!(included(&folder, Function::DEACTIVATE), reopened);
        assert_eq!(included(&folder, Function::WITHDRAW), reopened);
        // Every task went to a session that took tasks when it arrived, at its own time.
        let mut intended: Vec<u64> = folder.tasks.iter().map(|task| task.us("intended_us")).collect();
        intended.sort_unstable();
        for (k, at) in (0..).zip(&intended) {
            assert_eq!(at - intended[0], k * 1_000_000 / 12);
        }
        let sessions: std::collections::BTreeSet<_> =
            folder.tasks.iter().map(|task| task.us("session_id")).collect();
        assert!(sessions.len() as u64 > 4, "{sessions:?}");
    }
}

/// A task that was dropped holds no session open.
#[test]
fn sessions_are_reopened_where_arrivals_are_dropped() {
    let text = population("max_in_flight = 9\nmanage = { reopen = { every_tasks = 5 } }", "");
    let folder = simulated(&text);
    let tasks = &folder.result.tasks;
    assert!(tasks.dropped > 10 && tasks.ended > 10, "{tasks:?}");
    let reopened = included(&folder, Function::CREATE) - 4;
    assert!(reopened >= 4, "{reopened}");
    assert_eq!(included(&folder, Function::DEACTIVATE), reopened);
}

#[test]
fn a_closed_load_goes_on_at_the_new_session() {
    let owners = "manage = { reopen = { every_tasks = 4 } }\nload = { back_to_back = { in_flight = 2 } }";
    let folder = simulated(&population(owners, ""));
    assert_eq!(
        (folder.result.tasks.ended, folder.result.transactions.failed()),
        (120, 0)
    );
    assert!(included(&folder, Function::DEACTIVATE) > 10);
}

#[test]
fn sessions_have_their_dedicated_nodes_and_exchange_them() {
    for mode in ["dedicated", "hybrid"] {
        let owners = format!(
            "mode = \"{mode}\"\ndedicated = {{ group = \"gpu\", nodes = 3 }}\n\
             manage = {{ dedicated = \"2/s\", reopen = \"0.5/s\" }}"
        );
        let miners = "[[miners]]\nname = \"gpu\"\ncount = 15\nconcurrency = 8";
        let folder = flawless(&owners, miners);
        // Setup: 24 miners of the pool, the consent of 15 nodes, 4 sessions with their deposits and twelve nodes.
        assert_eq!(
            folder.result.phases[&Phase::SETUP].transactions.total,
            24 + 15 + 4 + 4 + 12,
            "{mode}"
        );
        let (added, removed) = (
            included(&folder, Function::ADD_DEDICATED_NODE),
            included(&folder, Function::REMOVE_DEDICATED_NODE),
        );
        assert_eq!(added, 12 + removed, "{mode}");
        assert!(removed > 10, "{mode}: {removed}");
        // Tasks need two miners: dedicated ones do it all.
        let workers: std::collections::BTreeSet<_> =
            folder.calls("commit").map(|row| row.us("actor_index")).collect();
        assert!(workers.iter().all(|index| *index >= 24), "{mode}: {workers:?}");
    }
}

/// However the file orders its groups.
#[test]
fn sessions_that_reserve_are_opened_first() {
    let group = "[[owners]]\nname = \"reserving\"\ncount = 4\ntasks = 4\nmin_nodes = 5\nmax_nodes = 5\nreserve = true";
    let folder = simulated(&with(SCENARIO, group));
    assert_eq!(folder.result.tasks.ended, 124, "{:?}", folder.result.tasks);
}

#[test]
fn miners_that_leave_and_come_back_cost_tasks_time_and_no_task_its_account() {
    let churn = "churn = { lifetime = { exponential = \"4s\" }, away = { uniform = [\"1s\", \"3s\"] } }";
    let folder = simulated(&population("manage = { update = \"2/s\" }", churn));
    let result = &folder.result;
    let (left, entered) = (
        included(&folder, Function::UNREGISTER),
        included(&folder, Function::REGISTER),
    );
    assert!(left > 20, "{left}");
    assert!(entered > 24 && entered <= 24 + left, "{entered} of {left}");
    // They are in the sessions that drew them, so some tasks wait for acks that never come; the oracle goes on.
    assert!(included(&folder, Function::END_ACK) > 0);
    assert_eq!(result.tasks.submitted, 120);
    assert_eq!(result.tasks.unfinished, 0);
    assert!(result.tasks.ended > 80, "{:?}", result.tasks);
}

#[test]
fn miners_that_crash_abandon_their_tasks_to_the_oracle() {
    let churn = "work_time = \"900ms\"\nchurn = { kind = \"crash\", lifetime = { exponential = \"4s\" }, away = \"2s\" }";
    let folder = simulated(&population("", churn));
    assert_eq!(included(&folder, Function::UNREGISTER), 0);
    assert_eq!(folder.result.phases[&Phase::MANAGE].transactions.total, 0);
    let closed = included(&folder, Function::END_PRECOMMIT) + included(&folder, Function::END_COMMIT);
    assert!(closed > 0, "{:?}", folder.result.functions.keys());
    assert_eq!(folder.result.tasks.unfinished, 0);
}

/// The pool holds nobody against its will whose session lets go.
#[test]
fn reserved_miners_ask_their_session_to_let_go() {
    let churn = "churn = { lifetime = { exponential = \"8s\" } }";
    let folder = simulated(&population(
        "reserve = true\nmanage = { update = \"4/s\" }",
        churn,
    ));
    assert!(included(&folder, Function::RELEASE) > 0);
    let outcomes = folder.result.functions[&Function::UNREGISTER].transactions;
    assert!(outcomes.reverted > 0 && outcomes.included > 0, "{outcomes:?}");
    assert_eq!(folder.result.tasks.unfinished, 0);
}

#[test]
fn miners_that_join_later_work_in_sessions_that_are_opened_or_updated_later() {
    let late = "[[miners]]\nname = \"late\"\ncount = 8\nconcurrency = 8\njoin_after = { uniform = [\"1s\", \"4s\"] }";
    let commits_of_late = |manage: &str| {
        // Long enough for the turn of newcomers to come: the pool's queue has idle miners before them.
        let folder = simulated(&population(&format!("tasks = 480\n{manage}"), late));
        folder
            .calls("commit")
            .filter(|row| row.us("actor_index") >= 24)
            .count()
    };
    assert_eq!(commits_of_late(""), 0);
    assert!(commits_of_late("manage = { reopen = { every_tasks = 20 } }") > 0);
}

/// A bit of everything, twice.
fn everything() -> String {
    population(
        "reserve = true\nmanage = { update = \"1/s\", top_up = { rate = \"1/s\", amount = \"9 wei\" }, routers = \"1/s\", reopen = \"0.5/s\" }",
        "churn = { lifetime = { exponential = \"9s\" }, away = \"2s\" }\n[[miners]]\nname = \"flaky\"\ncount = 4\n\
         churn = { kind = \"crash\", lifetime = \"5s\" }",
    )
}

#[test]
fn it_is_the_same_every_time() {
    let run = || Taskstorm::simulate(&everything()).any_code().end();
    let (first, second) = (run(), run());
    let folder = first.folder();
    assert_eq!(folder.result.stop_reason, StopReason::Finished);
    assert_eq!(
        folder.result.invariants.violated, 0,
        "{:?}",
        folder.result.invariants
    );
    assert_eq!(folder.result.tasks.unfinished, 0);
    let rows = [first, second].map(|ended| ended.place().read("out/transactions.csv"));
    assert!(rows[0] == rows[1], "the rows differ");
}

/// What one owner does to its sessions draws nothing from what others, or it itself otherwise, draw.
#[test]
fn enabling_a_duty_leaves_arrivals_and_payloads_as_they_were() {
    let payloads = |manage: &str| -> Vec<(u64, u64)> {
        let folder = simulated(&population(
            &format!("payload_size = {{ uniform = [\"1 B\", \"900 B\"] }}\n{manage}"),
            "",
        ));
        folder
            .calls("submitTask")
            .map(|row| (row.us("intended_us"), row.us("actor_index")))
            .collect()
    };
    assert_eq!(
        payloads(""),
        payloads("manage = { routers = \"5/s\", update = \"1/s\" }")
    );
}

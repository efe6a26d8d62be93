//! Miners that do not do their part in time, in virtual time: what becomes of their tasks, and when.

use std::collections::BTreeMap;

use taskstorm::{
    protocol::{Function, TaskPhase},
    record::StopReason,
};

use super::simulated;
use crate::support::{folder::Folder, scenario::with, taskstorm::Taskstorm};

const TASKS: u64 = 4;

/// Four tasks of three miners each: two of a group without a name, and the one of the group `third`.
const SCENARIO: &str = r#"
name = "faults"
seed = 8
[chain]
block_time = "500ms"
[windows]
ack = "2s"
precommit = "4s"
commit = "3s"
[owners]
count = 1
tasks = 4
redundancy = 3
load = { back_to_back = { in_flight = 4 } }
[[miners]]
count = 2
concurrency = 8
[[miners]]
name = "third"
count = 1
concurrency = 8
[oracle]
check_interval = "100ms"
"#;

/// It with miners that behave like this, and other changes.
fn three_miners(two: &str, third: &str, changes: &str) -> String {
    let groups = format!("[[miners]]\n{two}\n[[miners]]\nname = \"third\"\n{third}");
    with(&with(SCENARIO, changes), &groups)
}

/// What is counted of a case: acks, precommits and commits of every task, the oracle's calls, and reverts by function.
struct Expected {
    name: &'static str,
    all: &'static str,
    third: &'static str,
    parts: [u64; 3],
    oracle: &'static [(Function, u64)],
    reverts: &'static [(Function, u64)],
}

const CASES: [Expected; 6] = [
    Expected {
        name: "all in time",
        all: "",
        third: "",
        parts: [3, 3, 3],
        oracle: &[(Function::END, TASKS)],
        reverts: &[],
    },
    Expected {
        name: "no ack at all",
        all: "ack_delay = \"60s\"",
        third: "ack_delay = \"60s\"",
        parts: [0, 0, 0],
        oracle: &[(Function::END, TASKS)],
        reverts: &[],
    },
    Expected {
        name: "a late ack, while the others work",
        all: "work_time = \"3s\"",
        third: "ack_delay = \"3500ms\"",
        parts: [2, 2, 2],
        oracle: &[(Function::END_ACK, TASKS), (Function::END, TASKS)],
        reverts: &[(Function::ACK, TASKS)],
    },
    Expected {
        name: "no precommit of the third",
        all: "",
        third: "work_time = \"60s\"",
        parts: [3, 2, 2],
        oracle: &[(Function::END_PRECOMMIT, TASKS), (Function::END, TASKS)],
        reverts: &[],
    },
    Expected {
        name: "no precommit at all",
        all: "work_time = \"60s\"",
        third: "work_time = \"60s\"",
        parts: [3, 0, 0],
        oracle: &[(Function::END, TASKS)],
        reverts: &[],
    },
    Expected {
        name: "no commit of the third",
        all: "",
        third: "commit_delay = \"60s\"",
        parts: [3, 3, 2],
        oracle: &[(Function::END_COMMIT, TASKS), (Function::END, TASKS)],
        reverts: &[],
    },
];

fn reverts(folder: &Folder) -> BTreeMap<Function, u64> {
    let functions = folder.result.functions.iter();
    functions
        .map(|(function, result)| (*function, result.transactions.reverted))
        .filter(|(_, reverted)| *reverted > 0)
        .collect()
}

#[test]
fn what_miners_do_not_do_in_time_the_oracle_closes() {
    for case in CASES {
        let folder = simulated(&three_miners(case.all, case.third, ""));
        let name = case.name;
        let tasks = &folder.result.tasks;
        let ended = if case.parts[2] > 0 { TASKS } else { 0 };
        assert_eq!(
            (tasks.ended, tasks.failed, tasks.unfinished),
            (ended, TASKS - ended, 0),
            "{name}"
        );
        for task in &folder.tasks {
            let parts = ["acks", "precommits", "commits"].map(|part| task.us(part));
            assert_eq!(parts, case.parts, "{name}");
        }
        let closing = [
            Function::END_ACK,
            Function::END_PRECOMMIT,
            Function::END_COMMIT,
            Function::END,
        ];
        let calls: Vec<_> = folder
            .result
            .functions
            .iter()
            .filter(|(function, _)| closing.contains(function))
            .map(|(function, result)| (*function, result.transactions.included))
            .collect();
        assert_eq!(calls, case.oracle, "{name}");
        assert_eq!(reverts(&folder), case.reverts.iter().copied().collect(), "{name}");
        assert_eq!(folder.result.transactions.lost, 0, "{name}");
    }
}

/// Assigned at *t*, a task can be acked until *t* + 2 s. The oracle sees the first block whose timestamp is later, and
/// its call is in the next: block timestamps are whole seconds, so that is the block at *t* + 3.5 s or, where *t* lies
/// on a half second, at *t* + 3 s.
#[test]
fn phases_are_closed_at_their_deadline() {
    let folder = simulated(&three_miners("ack_delay = \"60s\"", "ack_delay = \"60s\"", ""));
    for task in &folder.tasks {
        let (assigned, ended) = (task.us("assigned_us"), task.us("ended_us"));
        let deadline = assigned / 1_000_000 + 2;
        assert_eq!(ended, (deadline + 1) * 1_000_000 + 500_000, "{task:?}");
    }
}

#[test]
fn without_an_oracle_tasks_stay_open_and_the_run_gives_up() {
    let changes = "oracle.count = 0\nlimits.drain = \"3h\"";
    let folder = Taskstorm::simulate(&three_miners("", "", changes))
        .code(1)
        .end()
        .folder();
    let result = &folder.result;
    assert_eq!(result.stop_reason, StopReason::TimedOut);
    assert_eq!((result.tasks.ended, result.tasks.unfinished), (0, TASKS));
    assert_eq!(result.tasks.unfinished_by_phase[&TaskPhase::END], TASKS);
    // The load begins at 1 s; the first block after three hours of waiting is the end.
    assert_eq!(result.duration_us.0, 1_000_000 * (1 + 3 * 3_600) + 500_000);
}

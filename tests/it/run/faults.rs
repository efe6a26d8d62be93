//! Miners that are silent, slow or late, and a run without an oracle: what becomes of the tasks.

use std::collections::BTreeSet;

use taskstorm::{
    protocol::{Function, TaskPhase},
    record::StopReason,
};

use super::words::words;
use crate::support::{
    folder::{Folder, ParsedRow},
    taskstorm::Taskstorm,
};

const TASKS: u64 = 4;
const WINDOWS_US: u64 = 1_000_000 * (1 + 3 + 1);
/// A deadline lies on a whole second, the oracle looks every 100 ms, and its transaction waits for a block of 200 ms:
/// for each phase that it closes, and for the end.
const SLACK_US: u64 = 4 * 1_500_000;

/// Four tasks of three miners each, two of them steady; the third group is the case's.
fn scenario(third: &str, rest: &str) -> String {
    format!(
        r#"
        name = "faults"
        seed = 8
        [chain]
        block_time = "200ms"
        [windows]
        ack = "1s"
        precommit = "3s"
        commit = "1s"
        [owners]
        count = 1
        tasks = {TASKS}
        redundancy = 3
        load = {{ back_to_back = {{ in_flight = {TASKS} }} }}
        [[miners]]
        count = 2
        work_time = "1ms"
        concurrency = 8
        [[miners]]
        name = "third"
        count = 1
        concurrency = 8
        {third}
        {rest}
        "#
    )
}

const ORACLE: &str = "[oracle]\ncheck_interval = \"100ms\"";

/// Runs it, and holds its tasks to I7: with a live oracle each ends by its last deadline and a bounded slack.
fn closed(third: &str) -> Folder {
    let folder = Taskstorm::run(&scenario(third, ORACLE)).end().success();
    for task in &folder.tasks {
        let took = task.us("ended_us") - task.us("assigned_us");
        assert!(took <= WINDOWS_US + SLACK_US, "{took} µs");
    }
    folder
}

/// The reasons of all failed transactions, by function: the error's name alone.
fn errors(folder: &Folder) -> BTreeSet<(&str, &str)> {
    let failed = folder
        .transactions
        .iter()
        .filter(|row| row.text("outcome") != "included");
    failed
        .map(|row| {
            assert_eq!(row.text("outcome"), "reverted", "{row:?}");
            let name = row.text("reason").split([' ', '{']).next().unwrap_or_default();
            (row.text("function"), name)
        })
        .collect()
}

fn calls(folder: &Folder, function: Function) -> u64 {
    folder
        .result
        .functions
        .get(&function)
        .map_or(0, |result| result.transactions.total)
}

#[test]
fn tasks_that_no_miner_acks_are_closed_as_failed() {
    let all_silent =
        scenario("ack_delay = \"60s\"", ORACLE).replace("work_time = \"1ms\"", "ack_delay = \"60s\"");
    let folder = Taskstorm::run(&all_silent).code(4).end().folder();
    let tasks = &folder.result.tasks;
    assert_eq!((tasks.ended, tasks.failed, tasks.unfinished), (0, TASKS, 0));
    assert_eq!(
        tasks.failed_by_reason["ended without a result: no miner acked in time"],
        TASKS
    );
    // One transaction closes each; none reverts.
    assert_eq!(
        (calls(&folder, Function::END), calls(&folder, Function::END_ACK)),
        (TASKS, 0)
    );
    assert!(errors(&folder).is_empty());
}

#[test]
fn an_ack_that_comes_too_late_reverts_and_the_others_go_on() {
    // 2.2 s after a window of 1 s opened it has closed, whatever the rounding; the work keeps the task open.
    let folder = {
        let slow = scenario("ack_delay = \"2200ms\"", ORACLE)
            .replace("work_time = \"1ms\"", "work_time = \"2500ms\"");
        Taskstorm::run(&slow).end().success()
    };
    assert_eq!(folder.result.tasks.ended, TASKS);
    assert!(
        folder
            .tasks
            .iter()
            .all(|task| (task.us("acks"), task.us("commits")) == (2, 2))
    );
    assert_eq!(calls(&folder, Function::END_ACK), TASKS);
    let unavoidable = [("ack", "WindowClosed"), ("ack", "WrongPhase")];
    let errors = errors(&folder);
    assert!(
        !errors.is_empty() && errors.iter().all(|error| unavoidable.contains(error)),
        "{errors:?}"
    );
    assert_eq!(folder.result.transactions.reverted, TASKS);
}

#[test]
fn a_miner_too_slow_to_precommit_is_left_out() {
    let folder = closed("work_time = \"20s\"");
    assert_eq!(folder.result.tasks.ended, TASKS);
    let parts = |task: &ParsedRow| ["acks", "precommits", "commits"].map(|part| task.us(part));
    assert!(folder.tasks.iter().all(|task| parts(task) == [3, 2, 2]));
    assert_eq!(calls(&folder, Function::END_PRECOMMIT), TASKS);
    // It was told that the phase had ended, and sent nothing.
    assert!(errors(&folder).is_empty());
}

#[test]
fn a_commit_that_comes_too_late_is_not_in_the_result() {
    let folder = closed("commit_delay = \"2200ms\"");
    assert_eq!(folder.result.tasks.ended, TASKS);
    assert!(
        folder
            .tasks
            .iter()
            .all(|task| (task.us("precommits"), task.us("commits")) == (3, 2))
    );
    assert_eq!(calls(&folder, Function::END_COMMIT), TASKS);
    let unavoidable = [("commit", "WindowClosed"), ("commit", "WrongPhase")];
    let errors = errors(&folder);
    assert!(
        errors.iter().all(|error| unavoidable.contains(error)),
        "{errors:?}"
    );
}

#[test]
fn without_an_oracle_tasks_stay_open_and_the_run_gives_up() {
    let rest = "[oracle]\ncount = 0\n[limits]\ndrain = \"3s\"";
    let ended = Taskstorm::run(&scenario("work_time = \"1ms\"", rest))
        .args(["--quiet"])
        .code(1)
        .end();
    let folder = ended.folder();
    assert_eq!(folder.result.stop_reason, StopReason::TimedOut);
    let tasks = &folder.result.tasks;
    assert_eq!((tasks.ended, tasks.unfinished), (0, TASKS));
    assert_eq!(tasks.unfinished_by_phase[&TaskPhase::END], TASKS);
    insta::assert_snapshot!("no_oracle", words(&ended));
}

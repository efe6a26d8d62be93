//! Times against arithmetic: what a miner of 300 ms and blocks of 1 s must give, and what a stalled node must show.

use std::{thread, time::Duration};

use nix::sys::signal::Signal;

use super::node::Node;
use crate::support::{
    folder::{Folder, ParsedRow},
    processes::send,
    taskstorm::Taskstorm,
};

const SECOND: u64 = 1_000_000;

const STEADY: &str = r#"
name = "steady"
seed = 2
[chain]
block_time = "1s"
[owners]
count = 4
tasks = { per_session = 1 }
[miners]
count = 4
ack_delay = "0ms"
work_time = "300ms"
commit_delay = "0ms"
concurrency = 4
[oracle]
check_interval = "100ms"
"#;

/// Blocks come at moments b₀, b₁ = b₀ + 1 s, …; what is sent after one is in the next. So, where the load begins with b₀:
///
/// | sent | meant for | in block | response |
/// |---|---|---|---|
/// | submission | b₀ | b₁ | 1 s |
/// | ack | b₁, where it was assigned | b₂ | 1 s |
/// | precommit | b₂ + 300 ms of work | b₃ | 0.7 s |
/// | commit | b₃, where the precommit phase ended | b₄ | 1 s |
/// | end | b₄, where the commit phase ended | b₅ | 1 s |
///
/// Each phase of the task takes 1 s, and the whole of it 5 s. What is meant for when is exact; when a block is seen
/// varies with the node's timer, and on a busy machine a transaction may miss its block: a second more, never less.
#[test]
fn miners_of_300_ms_and_blocks_of_1_s_take_what_arithmetic_says() {
    let folder = Taskstorm::run(STEADY).end().success();
    assert_eq!(
        (folder.result.tasks.ended, folder.result.transactions.failed()),
        (4, 0)
    );
    for task in &folder.tasks {
        let moment = |column: &str| task.us(column);
        let steps = [
            ("submitTask", moment("intended_us"), 0),
            ("ack", moment("assigned_us"), 0),
            ("precommit", moment("last_ack_us"), 300_000),
            ("commit", moment("precommit_ended_us"), 0),
            ("end", moment("commit_ended_us"), 0),
        ];
        for (function, start, delay) in steps {
            let row = call_of(&folder, function, task);
            assert_eq!(row.us("intended_us"), start + delay, "{function}");
            near_blocks(function, row.us("response_us") + delay);
        }
        for phase in ["ack", "precommit", "commit", "end"] {
            near_blocks(phase, moment(&format!("{phase}_duration_us")));
        }
        let blocks = call_of(&folder, "end", task).us("block_number")
            - call_of(&folder, "submitTask", task).us("block_number")
            + 1;
        assert!(
            (5..=7).contains(&blocks),
            "{blocks} blocks from submission to end"
        );
        assert!(
            moment("total_duration_us").abs_diff(blocks * SECOND) < 300_000,
            "{task:?}"
        );
    }
    // The tables say what the rows say.
    let precommit = folder.result.phases[&taskstorm::protocol::Phase::PRECOMMIT].clone();
    let stats = precommit.response_us.expect("response times");
    let slowest = folder.calls("precommit").map(|row| row.us("response_us")).max();
    assert_eq!((stats.count, Some(stats.max)), (4, slowest));
}

/// A whole number of blocks, one or, on a busy machine, two.
fn near_blocks(what: &str, time_us: u64) {
    let near = |blocks: u64| time_us.abs_diff(blocks * SECOND) < 300_000;
    assert!(
        near(1) || near(2),
        "{what}: {time_us} µs is no whole number of blocks"
    );
}

/// The row of a task's only call of a function.
fn call_of<'a>(folder: &'a Folder, function: &'a str, task: &ParsedRow) -> &'a ParsedRow {
    let name = |row: &ParsedRow| (row.number("session_id"), row.number("task_id"));
    let mut calls = folder.calls(function).filter(|row| name(row) == name(task));
    let call = calls
        .next()
        .unwrap_or_else(|| panic!("no {function} of {task:?}"));
    assert!(calls.next().is_none(), "one {function} for each task");
    call
}

const OPEN: &str = r#"
name = "open"
seed = 6
[owners]
count = 1
tasks = 100
load = { constant = "20/s" }
[miners]
count = 4
work_time = "1ms"
concurrency = 50
[oracle]
check_interval = "100ms"
"#;

#[tokio::test]
async fn a_stalled_node_cannot_hide() {
    let node = Node::start(Duration::from_millis(250)).await;
    let run = Taskstorm::run_on(&node.url(), OPEN).start();
    run.reaches_its_middle();
    send(node.pid(), Signal::SIGSTOP);
    // The stall itself: how long it is, is what response times must show.
    thread::sleep(Duration::from_secs(2));
    send(node.pid(), Signal::SIGCONT);
    let folder = run.end().success();

    // Tasks are due every 50 ms, stalled node or not.
    let start = folder.result.load.start_us.expect("a load").0;
    let intended: Vec<u64> = folder
        .calls("submitTask")
        .map(|row| row.us("intended_us"))
        .collect();
    let planned: Vec<u64> = (0..100).map(|place| start + place * 50_000).collect();
    assert_eq!(
        {
            let mut sorted = intended;
            sorted.sort_unstable();
            sorted
        },
        planned
    );

    let mut seen: Vec<u64> = folder
        .transactions
        .iter()
        .filter_map(|row| row.number("included_us"))
        .collect();
    seen.sort_unstable();
    let (from, to) = seen
        .windows(2)
        .map(|pair| (pair[0], pair[1]))
        .max_by_key(|(from, to)| to - from)
        .expect("blocks");
    assert!(
        to - from >= 2 * SECOND,
        "the longest time without a block is {} µs",
        to - from
    );
    let stalled: Vec<&ParsedRow> = folder
        .calls("submitTask")
        .filter(|row| (from..to).contains(&row.us("intended_us")))
        .collect();
    // 2 s hold 40 of them, unless the load ended meanwhile.
    let due = planned.iter().filter(|at| (from..to).contains(*at)).count();
    assert!(
        stalled.len() == due && due >= 10,
        "{due} were due, {} were sent",
        stalled.len()
    );
    for row in &stalled {
        assert!(row.us("response_us") >= to - row.us("intended_us"), "{row:?}");
    }
    let response = folder.result.phases[&taskstorm::protocol::Phase::SUBMIT]
        .response_us
        .expect("times");
    assert!(response.max >= 2 * SECOND - 100_000, "{response:?}");
    assert!(response.p90 >= SECOND, "{response:?}");
    assert_eq!(folder.result.tasks.ended, 100);
}

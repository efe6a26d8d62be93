//! Common random numbers in whole runs: what delays an actor draws does not depend on the order of what it does.

use std::collections::BTreeMap;

use super::simulated;
use crate::support::folder::{Folder, ParsedRow};

const RUN: &str = r#"
name = "whole"
seed = 9
[chain]
kind = "embedded"
CHANGE
[owners]
count = 3
tasks = 60
redundancy = 2
load = { back_to_back = { in_flight = 4 } }
[miners]
count = 6
ack_delay = { uniform = ["1ms", "3s"] }
work_time = { uniform = ["1ms", "4s"] }
commit_delay = { uniform = ["1ms", "3s"] }
result_size = { uniform = ["1 B", "60 B"] }
concurrency = 50
"#;

/// With a slower network tasks come at other moments and a miner's acks, works and commits interleave otherwise. The
/// delays of each kind are still the first ones of the same sequence.
#[test]
fn a_miners_delays_stay_when_the_order_of_what_it_does_changes() {
    let folder = |change: &str| simulated(&RUN.replace("CHANGE", change));
    let quick = folder("");
    let slow = folder("submission_delay = { uniform = [\"0ms\", \"3s\"] }");
    assert_ne!(quick.result.duration_us, slow.result.duration_us);
    let mut compared = 0;
    for (function, since) in [("ack", "assigned_us"), ("commit", "precommit_ended_us")] {
        for miner in 0..6 {
            let of = |folder| delays(folder, miner, function, since);
            let (quick, slow) = (of(&quick), of(&slow));
            let (fewer, more) = if quick.len() <= slow.len() {
                (quick, slow)
            } else {
                (slow, quick)
            };
            compared += fewer.len();
            for delay in fewer {
                assert!(more.contains(&delay), "{function} of miner {miner}: {delay} µs");
            }
        }
    }
    assert!(compared >= 150, "{compared} delays");
}

/// How long a miner's calls of a function waited since a moment of their tasks.
fn delays(folder: &Folder, miner: u64, function: &str, since: &str) -> Vec<u64> {
    let task = |row: &ParsedRow| (row.us("session_id"), row.us("task_id"));
    let moments: BTreeMap<_, _> = folder
        .tasks
        .iter()
        .map(|row| (task(row), row.us(since)))
        .collect();
    folder
        .calls(function)
        .filter(|row| row.us("actor_index") == miner)
        .map(|row| row.us("intended_us") - moments[&task(row)])
        .collect()
}

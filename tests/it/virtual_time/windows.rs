//! Windows of many hours: they pass in virtual time alone.

use std::time::{Duration, Instant};

use super::simulated;

/// The longest windows that the contracts have, all of which pass; nobody but the oracle ever does a thing.
const LONG: &str = r#"
name = "long"
[chain]
block_time = "12s"
[windows]
ack = "65534s"
precommit = "65534s"
commit = "65534s"
[owners]
count = 2
tasks = 6
redundancy = 2
load = { back_to_back = { in_flight = 3 } }
[[miners]]
count = 2
concurrency = 9
commit_delay = "24h"
[oracle]
check_interval = "10s"
"#;

#[test]
fn hours_pass_in_no_time() {
    let began = Instant::now();
    // Where nobody commits, the commit window has to pass; where nobody acks, the ack window has to.
    let hours_18 = 65_534_000_000;
    for (text, failure) in [
        (
            LONG.to_owned(),
            "ended without a result: no miner committed in time",
        ),
        (
            LONG.replace("commit_delay", "ack_delay"),
            "ended without a result: no miner acked in time",
        ),
        (
            LONG.replace("commit_delay", "work_time"),
            "ended without a result: no miner precommitted in time",
        ),
    ] {
        let folder = simulated(&text);
        let tasks = &folder.result.tasks;
        assert_eq!((tasks.failed, tasks.failed_by_reason[failure]), (6, 6));
        for task in &folder.tasks {
            let total = task.us("total_duration_us");
            assert!((hours_18..hours_18 + 120_000_000).contains(&total), "{total} µs");
        }
    }
    // Unoptimised and on a busy machine; each takes some milliseconds otherwise.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

//! A trace is replayed to the microsecond.

use std::fmt::Write;

use rand::RngExt;
use taskstorm::plan::stream;

use crate::support::taskstorm::Taskstorm;

/// Arrivals at moments of no pattern, and everything that they may say.
fn rows() -> Vec<(u64, u32, u32, usize)> {
    let mut random = stream(7, "trace", 0);
    let mut at = 0;
    (0..200)
        .map(|_| {
            // Now and then at the same moment.
            at += random.random_range(0..70_001_u64).saturating_sub(5_000);
            let (owner, session) = (random.random_range(0..3), random.random_range(0..2));
            (at, owner, session, random.random_range(0..300))
        })
        .collect()
}

#[test]
fn a_trace_is_replayed_to_the_microsecond() {
    let rows = rows();
    let mut trace = "at_us,owner,session,payload_bytes\n".to_owned();
    for (at, owner, session, payload) in &rows {
        writeln!(trace, "{at},{owner},{session},{payload}").expect("text");
    }
    let scenario = r#"
        name = "replayed"
        [chain]
        kind = "embedded"
        submission_delay = { uniform = ["1ms", "300ms"] }
        [owners]
        count = 3
        sessions = 2
        load = { trace = "arrivals.csv" }
        [miners]
        count = 4
        concurrency = 100
    "#;
    let replayed = Taskstorm::simulate(scenario).file("arrivals.csv", &trace).end();
    let folder = replayed.success();
    let began = folder.result.load.start_us.expect("a load").0;
    let mut intended: Vec<_> = folder
        .tasks
        .iter()
        .map(|task| task.us("intended_us") - began)
        .collect();
    intended.sort_unstable();
    let recorded: Vec<_> = rows.iter().map(|(at, ..)| *at).collect();
    assert_eq!(intended, recorded);
    let sent: Vec<_> = folder
        .calls("submitTask")
        .map(|row| row.us("intended_us") - began)
        .collect();
    assert_eq!(sent.len(), rows.len());
    // What the run carries is what it was given.
    let copy = replayed.place().read("out/inputs/owners-1.load.csv");
    assert_eq!(copy, trace);
}

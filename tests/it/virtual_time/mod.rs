//! Whole runs in virtual time: the same every time, exact to the microsecond, and true to a real anvil.

mod arithmetic;
mod below_base_fee;
mod common_delays;
mod common_numbers;
mod composed;
mod congestion;
mod counts;
mod data_files;
mod determinism;
mod faults;
mod loads;
mod measure;
mod orders;
mod parity;
mod populations;
mod slow_rates;
mod task_rates;
mod traces;
mod windows;

use crate::support::{folder::Folder, taskstorm::Taskstorm};

/// Blocks that hold a fraction of what owners have in flight, windows that never pass, and no miners yet.
const CROWDED: &str = r#"
name = "crowded"
seed = 4
[chain]
gas_limit = 10_000_000
[windows]
ack = "10m"
precommit = "10m"
commit = "10m"
[owners]
count = 8
tasks = { per_session = 15 }
load = { back_to_back = { in_flight = 15 } }
"#;

/// The results of a simulated run that completed; tasks of it may fail.
pub(crate) fn simulated(scenario: &str) -> Folder {
    let folder = Taskstorm::simulate(scenario)
        .args(["--threshold", "tasks.failed.count >= 0"])
        .end()
        .success();
    assert_eq!(folder.result.invariants.violated, 0);
    folder
}

/// The median of `times`.
fn median(times: impl Iterator<Item = u64>) -> u64 {
    let mut times: Vec<u64> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}

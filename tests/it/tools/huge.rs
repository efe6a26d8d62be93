//! `taskstorm check` of scenarios as large as they may be, in bounded memory and time; and how long setup takes in full blocks.

use taskstorm::{
    estimate::Estimate,
    protocol::REFERENCE,
    record::{Progress, Recorder},
    run::simulate,
    scenario::{Loaded, Override, Scenario},
};
use tokio_util::sync::CancellationToken;

use crate::support::taskstorm::Taskstorm;

const BASE: &str = r#"
name = "huge"
[chain]
kind = "embedded"
gas_limit = 36_000_000
[owners]
count = 3
redundancy = 2
min_nodes = 2
max_nodes = 3
tasks = 3
[miners]
count = 6
"#;

fn scenario(set: &[&str]) -> Scenario {
    let overrides: Vec<_> = set.iter().map(|text| Override::set(text)).collect();
    let loaded = Loaded::from_toml_with("huge", BASE, &overrides);
    loaded
        .unwrap_or_else(|error| panic!("{set:?}: {error:?}"))
        .scenario
}

#[test]
fn a_check_takes_memory_for_neither_time_nor_population() {
    for set in [
        &["owners.load={ constant = \"1/h\" }", "owners.tasks=100000"][..],
        &[
            "owners.load={ back_to_back = { think_time = \"24h\" } }",
            "owners.tasks=10000000",
        ],
        &["owners.load={ bursts = { rate = \"0.000001/h\", on = \"1ms\", off = \"168h\" } }"],
        &["miners.count=990000"],
        &["owners.count=990000"],
        &["owners.count=1", "owners.sessions=1000000"],
        &["oracle.count=990000"],
        &[
            "miners.count=990000",
            "miners.concurrency={ uniform = [1, 1000000] }",
        ],
        &[
            "miners.work_time=24h",
            "windows.precommit=18h",
            "owners.tasks=100",
            "chain.block_time=50ms",
        ],
    ] {
        // 500 MB of address space, the program's own included; the embedded chain alone takes a tenth.
        Taskstorm::new(["check", "--quiet", "s.toml"])
            .args(set.iter().flat_map(|set| ["--set", set]))
            .file("s.toml", BASE)
            .after("ulimit -v 500000 && export TOKIO_WORKER_THREADS=2")
            .end();
    }
}

#[test]
fn setup_takes_the_blocks_that_it_fills() {
    for set in [
        &["owners.count=3"][..],
        &["miners.count=800"],
        &["owners.count=250"],
        &["owners.count=25", "owners.sessions=10", "owners.max_nodes=6"],
        &["owners.count=100", "owners.reserve=true", "miners.count=300"],
        &[
            "owners.count=120",
            "owners.deposit=1 ether",
            "chain.gas_limit=20000000",
            "chain.block_time=500ms",
        ],
    ] {
        let scenario = scenario(set);
        let estimate = Estimate::of(&scenario).expect("an estimate");
        let stop = CancellationToken::new();
        let run = simulate(&scenario, Recorder::new(REFERENCE), &stop, |_: &Progress| {}).expect("a run");
        let took = run.result.load.setup_end_us.expect("setup").0;
        let block = scenario.chain.block_time.as_micros() as u64;
        assert!(
            estimate.setup_us.abs_diff(took) <= block,
            "{set:?}: {} µs estimated, {took} µs taken",
            estimate.setup_us
        );
    }
}

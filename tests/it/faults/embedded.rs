//! Every fault on the embedded chain: it strikes, every task and transaction is accounted for, no contract is accused, and the
//! same scenario gives the same bytes.

use taskstorm::{
    fault::FaultKind,
    protocol::REFERENCE,
    record::{Progress, Recorder, RunResult, StopReason},
    run::simulate_with_baseline,
    scenario::{Loaded, Override, Scenario},
};
use tokio_util::sync::CancellationToken;

/// Twenty seconds of load on blocks of one second.
const SCENARIO: &str = r#"
name = "faulty"
seed = 3
[chain]
kind = "embedded"
[windows]
ack = "30s"
precommit = "60s"
commit = "60s"
[owners]
count = 3
tasks = 60
redundancy = 2
load = { constant = "3/s" }
[miners]
count = 8
work_time = "500ms"
[oracle]
count = 1
[limits]
transaction_deadline = "10s"
"#;

fn scenario(faults: &[&str]) -> Scenario {
    let overrides: Vec<_> = faults.iter().map(|fault| Override::fault(fault)).collect();
    let loaded = Loaded::from_toml_with("faulty", SCENARIO, &overrides);
    loaded.unwrap_or_else(|error| panic!("{error:?}")).scenario
}

fn run(scenario: &Scenario) -> RunResult {
    let recorder = Recorder::new(REFERENCE);
    let stop = CancellationToken::new();
    let ran = simulate_with_baseline(scenario, recorder, &stop, |_: &Progress| {});
    ran.unwrap_or_else(|error| panic!("{error}")).result
}

/// A run with these faults: every one of them struck, the books balance, and no contract is accused.
fn faulty(faults: &[&str]) -> RunResult {
    let result = run(&scenario(faults));
    let what = faults.join(", ");
    let happened = result.faults.as_ref().expect("faults were asked for");
    assert_eq!(happened.faults.len(), faults.len(), "{what}");
    for fault in &happened.faults {
        assert!(fault.count > 0, "{what}: {fault:?}");
    }
    assert_eq!(result.check_consistency(), Ok(()), "{what}");
    assert_eq!(result.tasks.offered(), 60, "{what}");
    assert_eq!(result.invariants.violations, [], "{what}");
    let again = run(&scenario(faults));
    let json = |result: &RunResult| serde_json::to_string(result).expect("JSON");
    assert_eq!(json(&result), json(&again), "{what}");
    result
}

/// How much faults cost, in seconds of the mean task.
fn cost_s(result: &RunResult) -> f64 {
    let faults = result.faults.as_ref().expect("faults were asked for");
    faults.sensitivity.as_ref().expect("a baseline").area_us / 1e6
}

/// A fault, and what it must have done.
type Case = (&'static str, fn(&RunResult) -> bool);

/// Every kind of fault; `None` of what is to be seen where it is that nothing is.
const CASES: [Case; 18] = [
    ("drop 10%", |result| {
        result.transactions.resent > 0 && cost_s(result) > 1.0
    }),
    ("delay 20% by 1s..8s", |result| cost_s(result) > 1.0),
    ("duplicate 30%", |result| {
        cost_s(result) == 0.0 && result.transactions.failed() == 0
    }),
    ("outage from 5s until 15s role oracle", |result| {
        cost_s(result) > 1.0
    }),
    ("censor from 5s until 15s role miner", |result| {
        cost_s(result) > 1.0
    }),
    ("censor from 5s until 15s function submitTask", |result| {
        cost_s(result) > 1.0
    }),
    ("fee_spike at 5s factor 8", |result| {
        result.blocks.base_fee_max_wei >= Some(2_000_000_000)
    }),
    ("empty_blocks 30%", |result| cost_s(result) > 0.5),
    ("full_blocks 50%", |result| {
        result.blocks.fullness_max == Some(1.0)
    }),
    ("timestamp_jump every 5s by 7s", |result| result.tasks.ended == 60),
    ("reorg every 5s depth 3", |result| {
        let node = result.node.clone().unwrap_or_default();
        (node.reorgs >= 3) && node.deepest_reorg == 3 && result.tasks.ended == 60
    }),
    ("stall at 5s for 10s", |result| cost_s(result) > 1.0),
    ("restart at 5s for 5s", |result| {
        cost_s(result) > 1.0 && result.transactions.resent > 0
    }),
    ("rpc_errors 20%", |result| {
        result.transactions.resent > 0 && cost_s(result) > 0.0
    }),
    ("garbage 20%", |result| {
        result.transactions.resent > 0 && cost_s(result) > 0.0
    }),
    ("late_logs 20% by 3s", |result| cost_s(result) > 0.5),
    ("stale_reads 60% depth 2", |result| result.tasks.ended == 60),
    ("lost_socket at 5s at 12s for 4s", |result| cost_s(result) > 0.5),
];

#[test]
fn every_fault_strikes_and_every_task_is_accounted_for() {
    for (fault, shows) in CASES {
        let result = faulty(&[fault]);
        assert!(shows(&result), "{fault}: {:?} {:?}", result.faults, result.node);
    }
    for kind in FaultKind::ALL {
        assert!(
            CASES.iter().any(|(fault, _)| fault.starts_with(kind.name())),
            "{kind}"
        );
    }
}

#[test]
fn a_run_with_every_fault_at_one_per_cent_ends_and_says_what_happened() {
    let all: Vec<String> = FaultKind::ALL
        .into_iter()
        .map(|kind| match kind {
            FaultKind::Outage => "outage 1% until 15s role miner".to_owned(),
            FaultKind::Censor => "censor 1% role miner".to_owned(),
            kind => format!("{kind} 1%"),
        })
        .collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let result = run(&scenario(&all));
    assert_eq!(
        result.stop_reason,
        StopReason::Finished,
        "{:?}",
        result.stop_message
    );
    assert_eq!(result.check_consistency(), Ok(()));
    assert_eq!(result.invariants.violations, []);
    let faults = result.faults.expect("faults were asked for");
    assert_eq!(faults.faults.len(), FaultKind::ALL.len());
    assert!(faults.strikes() > 10, "{faults:?}");
}

#[test]
fn a_fault_strikes_as_it_did_whatever_other_faults_there_are() {
    let first = |faults: &[&str]| {
        let result = run(&scenario(faults));
        result.faults.expect("faults were asked for").faults[0].clone()
    };
    let alone = first(&["empty_blocks 20% until 15s"]);
    let beside = first(&["empty_blocks 20% until 15s", "late_logs 20% by 1s"]);
    assert_eq!(alone, beside);
}

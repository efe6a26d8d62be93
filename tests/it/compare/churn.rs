//! Compares runs of miners that come and go: what registers or opens a session under load is management, not setup.

use std::collections::BTreeMap;

use taskstorm::{
    compare::Verdict,
    protocol::{Function, Phase, REFERENCE},
};

use super::support::{Runs, settings, with};
use crate::support::folder::Folder;

const CHURN: &str = include_str!("../../../scenarios/churn.toml");
const SHORT: &[&str] = &["owners.duration=60s", "owners.manage.reopen={ every_tasks = 8 }"];

/// Transactions and response times of the rows by the phase that was recorded.
fn recorded(folder: &Folder) -> BTreeMap<String, (u64, u64)> {
    let mut phases = BTreeMap::<_, (u64, u64)>::new();
    for row in &folder.transactions {
        let included = row.text("outcome") == "included";
        let (calls, responses) = phases.entry(row.text("phase").to_owned()).or_default();
        *calls += u64::from(included);
        *responses += u64::from(included && row.number("response_us").is_some());
    }
    phases
}

#[test]
fn identical_runs_under_churn_are_unchanged_in_every_row() {
    let runs = Runs::new();
    for name in ["base", "new"] {
        runs.run_scenario(CHURN, name, &[6], SHORT);
    }
    let folder = Folder::read(&runs.path("base/seed-6"));
    for function in [Function::REGISTER, Function::CREATE] {
        for phase in [Phase::SETUP, Phase::MANAGE] {
            let mut calls = folder.calls(function.name());
            let found = calls.any(|row| row.text("phase") == phase.name());
            assert!(found, "no {} in {}", function.name(), phase.name());
        }
    }

    let comparison = runs.compare("base", "new", &settings());
    for verdict in [Verdict::Worse, Verdict::Better, Verdict::NotEnoughData] {
        assert_eq!(with(&comparison, verdict), [""; 0], "{verdict:?}");
    }
    assert!(comparison.gas.iter().all(|gas| gas.exact));
    assert_eq!(comparison.notes, [""; 0]);

    let recorded = recorded(&folder);
    assert_eq!(recorded.len(), REFERENCE.phases.len(), "{recorded:?}");
    for (phase, (calls, responses)) in recorded {
        let gas = comparison.gas.iter();
        let mut gas = gas.filter(|gas| gas.quantity == format!("phase.{phase}.gas"));
        let counted = gas.next().and_then(|gas| gas.statistic("calls"));
        let counted = counted.map(|calls| (calls.base, calls.new));
        let calls = Some(calls as f64);
        assert_eq!(counted, Some((calls, calls)), "gas of {phase}");
        let mut latency = comparison.latency.iter();
        let latency = latency.find(|latency| latency.quantity == format!("phase.{phase}.response"));
        let values = latency.map(|latency| latency.values);
        // Setup comes before the load, and only the latency of load is compared.
        let expected = (phase != Phase::SETUP.name()).then_some([responses; 2]);
        assert_eq!(values, expected, "latency of {phase}");
    }
}

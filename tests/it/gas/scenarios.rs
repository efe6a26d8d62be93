//! Whole scenarios: every phase's groups add up to its receipts, and the snapshot of the library is true.

use proptest::prelude::*;
use taskstorm::{
    gas::GasGroup,
    protocol::{Function, Phase, REFERENCE},
    record::{GasCost, GasProfile, GasUse, Recorder, RunResult},
    run::{measure_gas, simulate},
    scenario::Scenario,
};
use tokio_util::sync::CancellationToken;

use crate::{library, support::node::root};

/// Measures a scenario. In debug builds the groups of every transaction are held against its receipt on the way.
fn measured(scenario: &Scenario) -> (RunResult, GasProfile) {
    let stop = CancellationToken::new();
    let ran = measure_gas(scenario, &stop, |_: &_| {}).expect("it runs");
    (ran.result, ran.profile)
}

#[track_caller]
fn assert_sums(result: &RunResult, profile: &GasProfile) {
    let of_groups = |used: &GasUse| -> i64 {
        let costs = [&used.succeeded, &used.reverted];
        costs.into_iter().flatten().map(|cost| cost.groups.total()).sum()
    };
    let reverted = |used: &GasUse| used.reverted.as_ref().map_or(0, |cost| cost.total);
    for (phase, of_phase) in &result.phases {
        let used = profile.phases.get(phase).cloned().unwrap_or_default();
        assert_eq!(used.total(), of_phase.gas_total, "{phase:?}");
        assert_eq!(of_groups(&used), of_phase.gas_total as i64, "{phase:?}");
        assert_eq!(reverted(&used), of_phase.gas_reverted, "{phase:?}");
    }
    for (function, of_function) in &result.functions {
        let used = profile.functions.get(function).cloned().unwrap_or_default();
        assert_eq!(of_groups(&used), of_function.gas_total as i64, "{function:?}");
        assert_eq!(reverted(&used), of_function.gas_reverted, "{function:?}");
    }
    assert_eq!(profile.total(), result.gas_total());
}

#[test]
fn every_scenario_of_the_library_is_accounted_for_to_the_unit() {
    for (path, mut scenario) in library::cut_down() {
        // They are not judged when gas is measured.
        scenario.thresholds.clear();
        let (result, profile) = measured(&scenario);
        assert_sums(&result, &profile);
        // Who manages nothing has no gas of it.
        let mut phases = REFERENCE.phases.iter().filter(|phase| **phase != Phase::MANAGE);
        assert!(
            phases.all(|phase| profile.phases.contains_key(phase)),
            "{}",
            path.display()
        );
        // Metering changes nothing of the run.
        let stop = CancellationToken::new();
        let plain = simulate(&scenario, Recorder::new(REFERENCE), &stop, |_: &_| {}).expect("it runs");
        assert_eq!(plain.result, result, "{}", path.display());
    }
}

fn smoke() -> Scenario {
    Scenario::load(root().join("scenarios/smoke.toml")).expect("it is good")
}

fn cost(profile: &GasProfile, function: Function) -> &GasCost {
    profile.functions[&function]
        .succeeded
        .as_ref()
        .expect("it was called")
}

/// `ack` in contracts/SessionQueueV2.sol reads the task's state and the miner's assignment, writes both (each is warm
/// and not empty by then), finds the task with two hashes of two words, and logs an event of one topic and three words.
#[test]
fn an_ack_costs_what_its_source_says() {
    let (_, profile) = measured(&smoke());
    let ack = cost(&profile, Function::ACK);
    for (group, each) in [
        (GasGroup::Intrinsic, 21_000),
        (GasGroup::StorageReads, 2 * 2_100),
        (GasGroup::StorageWrites, 2 * 2_900),
        (GasGroup::Hashing, 2 * (30 + 2 * 6)),
        (GasGroup::Logs, 375 + 375 + 8 * 96),
        (GasGroup::Calls, 0),
        (GasGroup::Refunds, 0),
    ] {
        assert_eq!(ack.groups.of(group), each * ack.calls as i64, "{}", group.name());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Payloads of all sizes, miners that are too late, prices, crowded blocks.
    #[test]
    fn random_scenarios_are_accounted_for(
        seed in 0..1_000_u64,
        (owners, miners, redundancy) in (1..4_u32, 3..9_u32, 1..4_u32),
        payload in 1..3_000_u32,
        late in prop::sample::select(vec!["10ms", "1900ms", "4s"]),
        hardfork in prop::sample::select(vec!["cancun", "prague", "osaka"]),
        price in prop::sample::select(vec!["0 wei", "10 wei"]),
    ) {
        let text = format!(
            r#"
            name = "random"
            seed = {seed}
            price = "{price}"
            [chain]
            kind = "embedded"
            block_time = "500ms"
            gas_limit = 20_000_000
            hardfork = "{hardfork}"
            [windows]
            ack = "2s"
            precommit = "4s"
            commit = "3s"
            [owners]
            count = {owners}
            tasks = 12
            min_nodes = 3
            max_nodes = 3
            redundancy = {redundancy}
            payload_size = "{payload} B"
            load = {{ back_to_back = {{ in_flight = 3 }} }}
            [[miners]]
            count = {miners}
            ack_delay = {{ uniform = ["1ms", "{late}"] }}
            work_time = {{ uniform = ["1ms", "3s"] }}
            commit_delay = {{ uniform = ["1ms", "{late}"] }}
            [oracle]
            check_interval = "100ms"
            "#
        );
        let scenario = Scenario::from_toml("random.toml", &text);
        let scenario = scenario.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        let (result, profile) = measured(&scenario);
        prop_assert!(profile.total() > 0);
        assert_sums(&result, &profile);
    }
}

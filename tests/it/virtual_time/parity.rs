//! The same scenario on a real anvil and in virtual time: the same gas to the unit, the same counts, and the same times
//! within a block.

use std::collections::BTreeMap;

use taskstorm::record::Stats;

use super::simulated;
use crate::support::{folder::Folder, taskstorm::Taskstorm};

const BLOCK_US: u64 = 1_000_000;

/// Nothing in it depends on a race. Tasks are due in the first three quarters of a block, miners answer one after the
/// other, and all that is due between two blocks is sent long before the second.
fn scenario(hardfork: &str, price: u32, tasks: u32) -> String {
    let mut text = format!(
        r#"
        name = "parity"
        seed = 3
        price = "{price} wei"
        [chain]
        block_time = "1s"
        hardfork = "{hardfork}"
        [owners]
        count = 1
        tasks = {tasks}
        min_nodes = 4
        max_nodes = 4
        redundancy = 4
        load = {{ constant = "115.4/min" }}
        payload_size = "70 B"
        [oracle]
        check_interval = "1s"
        "#
    );
    for (place, size) in [1, 20, 32, 150].into_iter().enumerate() {
        let delay = 40 * place;
        let work = 100 + delay;
        text += &format!(
            r#"
            [[miners]]
            name = "miner-{place}"
            count = 1
            ack_delay = "{delay}ms"
            work_time = "{work}ms"
            commit_delay = "{delay}ms"
            result_size = "{size} B"
            concurrency = 50
            "#
        );
    }
    text
}

/// Runs the scenario on both, and holds the gas of every transaction of the one against the other's.
fn same_gas(hardfork: &str, price: u32, tasks: u32) -> (Folder, Folder) {
    let text = scenario(hardfork, price, tasks);
    let real = Taskstorm::run(&text).args(["--quiet"]).end().success();
    let simulated = simulated(&text);
    assert_eq!(
        (real.result.tasks.ended, real.result.transactions.failed()),
        (u64::from(tasks), 0)
    );
    assert_eq!(
        real.result.chain.hardfork, simulated.result.chain.hardfork,
        "the same rules"
    );
    let (ours, theirs) = (gas(&simulated), gas(&real));
    for (what, gas) in &theirs {
        assert_eq!(ours.get(what), Some(gas), "{hardfork}, price {price}: {what:?}");
    }
    assert_eq!(ours.len(), theirs.len());
    assert_eq!(simulated.result.gas_total(), real.result.gas_total());
    (real, simulated)
}

/// Gas by function, session, task, role, actor and the account's place.
fn gas(folder: &Folder) -> BTreeMap<[String; 6], u64> {
    let columns = ["function", "session_id", "task_id", "role", "actor_index", "from"];
    let rows: BTreeMap<_, _> = folder
        .transactions
        .iter()
        .map(|row| {
            (
                columns.map(|column| row.text(column).to_owned()),
                row.us("gas_used"),
            )
        })
        .collect();
    assert_eq!(
        rows.len(),
        folder.transactions.len(),
        "each is told from the others"
    );
    rows
}

/// That every statistic of the one is within a block of the other's.
fn near(what: &str, real: Option<Stats>, simulated: Option<Stats>) {
    let of = |stats: Stats| {
        [
            ("min", stats.min),
            ("p50", stats.p50),
            ("p90", stats.p90),
            ("p95", stats.p95),
            ("p99", stats.p99),
            ("max", stats.max),
        ]
    };
    let (Some(real), Some(simulated)) = (real, simulated) else {
        panic!("{what}: {real:?} and {simulated:?}");
    };
    assert_eq!(real.count, simulated.count, "{what}");
    for ((name, real), (_, simulated)) in of(real).into_iter().zip(of(simulated)) {
        assert!(
            real.abs_diff(simulated) <= BLOCK_US,
            "{what} {name}: {real} µs on anvil, {simulated} µs simulated"
        );
    }
}

fn same_truth(price: u32) {
    let (real, simulated) = same_gas("prague", price, 12);
    let (real, simulated) = (&real.result, &simulated.result);
    assert_eq!(real.tasks, simulated.tasks);
    for (phase, result) in &real.phases {
        let other = &simulated.phases[phase];
        let counts = |transactions: &taskstorm::record::TransactionCounts| {
            [
                transactions.total,
                transactions.included,
                transactions.reverted,
                transactions.refused,
                transactions.lost,
            ]
        };
        let name = phase.name();
        assert_eq!(
            counts(&result.transactions),
            counts(&other.transactions),
            "{name}"
        );
        assert_eq!(result.gas_used, other.gas_used, "{name}");
        if result.transactions.total > 0 {
            near(name, result.response_us, other.response_us);
        }
    }
    for (span, result) in &real.task_phases {
        let other = simulated.task_phases[span].duration_us;
        near(span.name(), result.duration_us, other);
    }
}

#[test]
fn tasks_that_cost_nothing() {
    same_truth(0);
}

#[test]
fn tasks_that_are_paid() {
    same_truth(5_000);
}

#[test]
fn the_rules_of_cancun() {
    same_gas("cancun", 700, 4);
}

#[test]
fn the_rules_of_osaka() {
    same_gas("osaka", 700, 4);
}

//! Blocks without room: what the node drops on that account is found at once, not at its deadline.

use std::time::Duration;

use crate::support::taskstorm::Taskstorm;

/// Wants about twice the gas that blocks have, from few miners with several transactions under way each.
const SCARCE: &str = r#"
name = "scarce"
seed = 3
[chain]
block_time = "500ms"
gas_limit = 10_000_000
[owners]
count = 4
min_nodes = 3
max_nodes = 6
redundancy = 3
tasks = 192
load = { constant = "64/s" }
[miners]
count = 8
work_time = { uniform = ["50ms", "300ms"] }
concurrency = 32
[limits]
transaction_deadline = "60s"
"#;

#[test]
fn what_a_full_block_costs_its_place_in_the_pool_is_sent_again_at_once() {
    let folder = Taskstorm::run(SCARCE).end().success();
    assert_eq!(folder.result.tasks.ended, 192);
    let transactions = &folder.result.transactions;
    assert_eq!(
        (transactions.reverted, transactions.refused, transactions.lost),
        (0, 0, 0)
    );
    let slowest = folder
        .transactions
        .iter()
        .filter_map(|row| row.number("response_us"))
        .max();
    let deadline = Duration::from_secs(60).as_micros() as u64;
    assert!(
        slowest.is_some_and(|slowest| slowest < deadline / 2),
        "{slowest:?}"
    );
    assert!(
        folder
            .result
            .blocks
            .fullness_max
            .is_some_and(|fullness| fullness > 0.9)
    );
}

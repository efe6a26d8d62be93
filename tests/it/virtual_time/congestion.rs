//! Base fees and ways to the chain, seen from a run.

use super::{CROWDED, median, simulated};
use crate::support::{folder::Folder, scenario::with};

/// The crowd's tasks, and miners that work on all of them at once.
const MINERS: &str = r#"
owners.redundancy = 3
[miners]
count = 12
concurrency = 100
"#;

/// A run of a crowd that has room, with these changes.
fn run(changes: &str) -> Folder {
    let roomy = with(&with(CROWDED, "chain.gas_limit = 2_000_000_000"), MINERS);
    simulated(&with(&roomy, changes))
}

/// The base fees of the blocks with transactions, each paid by transactions whose tip is a gwei.
fn base_fees(folder: &Folder) -> Vec<u64> {
    let mut paid: Vec<(u64, u64)> = folder
        .transactions
        .iter()
        .map(|row| (row.us("block_number"), row.us("effective_gas_price_wei")))
        .collect();
    paid.dedup();
    paid.into_iter().map(|(_, price)| price - 1_000_000_000).collect()
}

#[test]
fn full_blocks_raise_the_base_fee_and_empty_ones_lower_it() {
    let congested = run("chain.gas_limit = 10_000_000");
    let fees = base_fees(&congested);
    let highest = congested.result.blocks.base_fee_max_wei.expect("a base fee");
    assert_eq!(fees.iter().max(), Some(&highest));
    assert!(
        2 * highest > 3 * fees[0],
        "from {} to {highest} wei per gas",
        fees[0]
    );
    // EIP-1559: by an eighth at most, from one block to the next.
    for pair in fees.windows(2) {
        let (most, least) = (pair[0] + pair[0] / 8 + 1, pair[0] - pair[0] / 8 - 1);
        assert!((least..=most).contains(&pair[1]), "{pair:?}");
    }

    let roomy = run("");
    assert!(base_fees(&roomy).is_sorted_by(|before, after| before > after));
}

#[test]
fn a_first_base_fee_is_that_of_the_first_block() {
    let folder = run("chain.base_fee = \"80 gwei\"");
    // The deployment's blocks come first.
    let first = base_fees(&folder)[0];
    assert!((50_000_000_000..=80_000_000_000).contains(&first), "{first}");
}

#[test]
fn a_long_way_to_the_chain_shows_in_response_times() {
    let p50 = |rest: &str| {
        let folder = run(rest);
        for row in &folder.transactions {
            assert!(row.us("accepted_us") <= row.us("included_us"), "{row:?}");
        }
        median(
            folder
                .transactions
                .iter()
                .filter(|row| row.text("phase") != "setup")
                .map(|row| row.us("response_us")),
        )
    };
    let at_once = p50("");
    let slow = p50("chain.submission_delay = { uniform = [\"2s\", \"6s\"] }");
    assert!(
        (at_once + 2_000_000..=at_once + 7_000_000).contains(&slow),
        "{at_once} µs and {slow} µs"
    );
}

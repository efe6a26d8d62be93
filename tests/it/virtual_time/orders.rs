//! Orders of blocks, seen from a run: who waits when blocks are full.

use std::{collections::BTreeMap, ops::Range};

use super::{CROWDED, median, simulated};
use crate::support::{
    folder::{Folder, ParsedRow},
    scenario::with,
};

/// Miners 0 to 11 pay five times the tip of miners 12 to 23.
const MINERS: &str = r#"
[owners]
min_nodes = 24
max_nodes = 24
redundancy = 6
[[miners]]
name = "generous"
count = 12
tip = "5 gwei"
concurrency = 100
[[miners]]
name = "thrifty"
count = 12
tip = "1 gwei"
concurrency = 100
"#;

fn run(order: &str) -> Folder {
    let folder = simulated(&with(&with(CROWDED, MINERS), &format!("chain.order = {order}")));
    assert_eq!(folder.result.tasks.ended, 120, "{order}");
    assert!(folder.result.blocks.fullness_max > Some(0.9), "{order}");
    folder
}

/// Median response times of the acks of the generous and of the thrifty, in µs. Acks come when blocks are fullest.
fn medians(folder: &Folder) -> (u64, u64) {
    let of = |miners: Range<u64>| {
        let acks = folder
            .calls("ack")
            .filter(|row| miners.contains(&row.us("actor_index")));
        median(acks.map(|row| row.us("response_us")))
    };
    (of(0..12), of(12..24))
}

/// The transactions of each block, in the block's order.
fn blocks(folder: &Folder) -> BTreeMap<u64, Vec<&ParsedRow>> {
    let mut blocks = BTreeMap::<u64, Vec<&ParsedRow>>::new();
    for row in &folder.transactions {
        blocks.entry(row.us("block_number")).or_default().push(row);
    }
    blocks
}

fn is_generous(row: &ParsedRow) -> bool {
    row.text("role") == "miner" && row.us("actor_index") < 12
}

#[test]
fn by_fees_those_who_pay_more_wait_less() {
    let (generous, thrifty) = medians(&run("\"fees\""));
    assert!(2 * generous < thrifty, "{generous} µs and {thrifty} µs");
}

#[test]
fn whoever_is_to_be_last_is_last_whatever_they_pay() {
    let folder = run("{ adversarial = { last = [\"generous\"] } }");
    let (generous, thrifty) = medians(&folder);
    assert!(generous > 2 * thrifty, "{generous} µs and {thrifty} µs");
    for (number, rows) in blocks(&folder) {
        let last: Vec<bool> = rows.iter().map(|row| is_generous(row)).collect();
        assert!(last.is_sorted(), "block {number}: {last:?}");
    }
}

#[test]
fn without_regard_to_fees_nobody_waits_much_longer_than_others() {
    for order in ["\"fifo\"", "\"random\""] {
        let (generous, thrifty) = medians(&run(order));
        assert!(
            2 * generous >= thrifty && 2 * thrifty >= generous,
            "{order}: {generous} µs and {thrifty} µs"
        );
    }
}

#[test]
fn first_come_first_served_serves_in_the_order_of_arrival() {
    // With time on the way that differs, the order of arrival is not that of intentions.
    let changes = "[chain]\norder = \"fifo\"\nsubmission_delay = { uniform = [\"0ms\", \"2s\"] }";
    let folder = simulated(&with(&with(CROWDED, MINERS), changes));
    // A transaction that arrives after all of its account's earlier ones waits for nothing but its turn.
    let mut latest = BTreeMap::<&str, u64>::new();
    let mut by_nonce: Vec<&ParsedRow> = folder.transactions.iter().collect();
    by_nonce.sort_by_key(|row| row.us("nonce"));
    let mut moments = BTreeMap::<(u64, u64), u64>::new();
    for row in by_nonce {
        let (latest, arrived) = (latest.entry(row.text("from")).or_default(), row.us("accepted_us"));
        if arrived >= *latest {
            *latest = arrived;
            moments.insert((row.us("block_number"), row.us("id")), arrived);
        }
    }
    let mut several = 0;
    for (number, rows) in blocks(&folder) {
        let arrivals: Vec<u64> = rows
            .iter()
            .filter_map(|row| moments.get(&(number, row.us("id"))).copied())
            .collect();
        assert!(arrivals.is_sorted(), "block {number}: {arrivals:?}");
        several += usize::from(arrivals.first() < arrivals.last());
    }
    assert!(several >= 10, "{several} blocks with different arrivals");
}

//! The reference protocol as a profile against the one that is built in: the same calls by the same accounts, in the same
//! blocks, for the same gas.

use std::collections::BTreeMap;

use super::protocols;
use crate::support::{folder::Folder, taskstorm::Taskstorm};

/// What the random bytes of a call may add to its gas: the hashes of a precommit have a zero byte here and there (12 gas less
/// each), and so have no two hashes the same number of them.
const GAS_OF_BYTES: u64 = 12 * 8;

/// Scenarios that say the same of both: all delays and sizes are fixed, as the two draw differently.
fn scenario(profile: Option<&str>) -> String {
    let head = r#"
        name = "parity"
        seed = 42
        [chain]
        kind = "embedded"
        block_time = "1s"
        gas_limit = 72_000_000
        hardfork = "prague"
    "#;
    let load = r#"
        count = 20
        tasks = 300
        load = { constant = "30/s" }
        payload_size = "77 B"
    "#;
    let delays = r#"
        ack_delay = "35ms"
        work_time = "120ms"
        commit_delay = "17ms"
    "#;
    match profile {
        Some(profile) => format!(
            r#"
            protocol = "{profile}"
            {head}
            [parameters]
            precommit_window = "60 seconds"
            commit_window = "30 seconds"
            [[owner]]
            name = "owners"
            {load}
            [[miner]]
            name = "miners"
            count = 60
            {delays}
            [[oracle]]
            count = 1
            "#
        ),
        None => format!(
            r#"
            {head}
            [windows]
            precommit = "60s"
            commit = "30s"
            [owners]
            {load}
            min_nodes = 3
            max_nodes = 6
            redundancy = 3
            [miners]
            count = 60
            concurrency = 50
            result_size = "32 B"
            {delays}
            "#
        ),
    }
}

/// Calls and gas by function and block, counted from the first block of the load.
type Calls = BTreeMap<(String, u64), (u64, u64)>;

fn calls(folder: &Folder) -> Calls {
    let of_load = || {
        folder
            .transactions
            .iter()
            .filter(|row| row.text("phase") != "setup")
    };
    let first = of_load()
        .filter_map(|row| row.number("block_number"))
        .min()
        .expect("blocks");
    let mut calls = Calls::new();
    for row in of_load() {
        let block = row.number("block_number").expect("it is in a block") - first;
        let entry = calls.entry((row.text("function").to_owned(), block)).or_default();
        entry.0 += 1;
        entry.1 += row.number("gas_used").expect("its gas");
    }
    calls
}

/// How many calls of set-up cost how much; those of the deployer are a part of the deployment where the protocol is built in.
fn set_up(folder: &Folder) -> BTreeMap<(&str, u64), u64> {
    let mut set_up = BTreeMap::new();
    for function in ["register", "create"] {
        for row in folder.calls(function) {
            let gas = row.number("gas_used").expect("its gas");
            *set_up.entry((function, gas)).or_default() += 1;
        }
    }
    set_up
}

#[test]
fn the_profile_of_the_reference_protocol_is_exact() {
    let profile = protocols().join("reference.toml");
    let run = |profile: Option<&str>| Taskstorm::simulate(&scenario(profile)).end().success();
    let (told, built_in) = (run(profile.to_str()), run(None));
    for folder in [&told, &built_in] {
        assert_eq!(
            (folder.result.tasks.ended, folder.result.transactions.failed()),
            (300, 0)
        );
    }
    assert_eq!(set_up(&told), set_up(&built_in));
    let (told, built_in) = (calls(&told), calls(&built_in));
    assert_eq!(told.len(), built_in.len());
    for ((function, block), (count, gas)) in &built_in {
        let place = format!("{function} in block {block}");
        let (ours, our_gas) = told
            .get(&(function.clone(), *block))
            .unwrap_or_else(|| panic!("no {place}"));
        assert_eq!(ours, count, "{place}");
        let differs = our_gas.abs_diff(*gas);
        match function.as_str() {
            "precommit" => assert!(differs <= GAS_OF_BYTES * count, "{place}: {our_gas} and {gas}"),
            _ => assert_eq!(our_gas, gas, "{place}"),
        }
    }
}

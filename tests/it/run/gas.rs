//! The gas that a run reports, counted again by other means: receipts of every block, grouped by function selector.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use alloy::primitives::keccak256;
use serde_json::{Value, json};
use taskstorm::{
    chain::anvil::Config,
    protocol::ARTIFACTS,
    record::{PhaseResult, Stats},
};

use super::node::{Node, quantity};
use crate::support::{
    folder::{Folder, ParsedRow},
    taskstorm::Taskstorm,
};

/// Many transactions in a block, results of many sizes, and miners that come too late, whose acks revert.
const BUSY: &str = r#"
name = "busy"
seed = 5
thresholds = ["tasks.ended.ratio > 50%"]
[windows]
ack = "1s"
precommit = "20s"
commit = "20s"
[owners]
count = 6
tasks = 60
min_nodes = 4
max_nodes = 20
redundancy = 3
load = { back_to_back = { in_flight = 10 } }
payload_size = { uniform = ["10 B", "400 B"] }
[[miners]]
count = 16
work_time = { uniform = ["2s", "3s"] }
result_size = { uniform = ["1 B", "200 B"] }
concurrency = 50
[[miners]]
name = "late"
count = 4
ack_delay = "2200ms"
[oracle]
check_interval = "100ms"
"#;

const PHASES: [(&str, &[&str]); 6] = [
    ("setup", &["register", "create", "depositToSession"]),
    ("submit", &["submitTask"]),
    ("ack", &["ack", "endAck"]),
    ("precommit", &["precommit", "endPrecommit"]),
    ("commit", &["commit", "endCommit"]),
    ("end", &["end"]),
];

/// A transaction as the chain has it.
struct Receipt {
    function: String,
    gas: u64,
    price: u64,
    block: u64,
    success: bool,
}

#[tokio::test]
async fn equals_what_the_receipts_say_to_the_unit() {
    let node = Node::with(Config {
        block_time: Duration::from_millis(500),
        gas_limit: 500_000_000,
        ..Config::default()
    })
    .await;
    let folder = Taskstorm::run_on(&node.url(), BUSY).end().success();
    let receipts = receipts(&node, &folder).await;

    assert!(
        folder.result.phases.values().any(|phase| phase.gas_reverted > 0),
        "late acks revert"
    );
    let fullest = most(receipts.values().map(|receipt| receipt.block));
    assert!(
        fullest >= 50,
        "no more than {fullest} transactions in a block: the test proves little"
    );
    rows_agree(&folder, &receipts);

    let of = |functions: &[&str]| -> Vec<&Receipt> {
        let wanted = |receipt: &&Receipt| functions.contains(&receipt.function.as_str());
        receipts.values().filter(wanted).collect()
    };
    for (phase, (name, functions)) in folder.result.phases.values().zip(PHASES) {
        let PhaseResult {
            transactions,
            gas_used,
            gas_total,
            gas_reverted,
            ..
        } = phase.clone();
        let reported = (
            transactions.included,
            transactions.reverted,
            gas_used,
            gas_total,
            gas_reverted,
        );
        agree(name, reported, &of(functions));
    }
    for (function, result) in folder.result.functions.clone() {
        let transactions = result.transactions;
        let reported = (
            transactions.included,
            transactions.reverted,
            result.gas_used,
            result.gas_total,
            result.gas_reverted,
        );
        agree(function.name(), reported, &of(&[function.name()]));
    }
    let all: u64 = receipts.values().map(|receipt| receipt.gas).sum();
    assert_eq!(folder.result.gas_total(), all);
}

fn agree(name: &str, reported: (u64, u64, Option<Stats>, u64, u64), receipts: &[&Receipt]) {
    let (included, reverted, gas_used, gas_total, gas_reverted) = reported;
    let gas = |success: bool| {
        receipts
            .iter()
            .filter(move |receipt| receipt.success == success)
            .map(|r| r.gas)
    };
    assert_eq!(
        (included, reverted),
        (gas(true).count() as u64, gas(false).count() as u64),
        "{name}"
    );
    let (succeeded, failed): (u64, u64) = (gas(true).sum(), gas(false).sum());
    assert_eq!((gas_total, gas_reverted), (succeeded + failed, failed), "{name}");
    let extremes = gas_used.map(|stats| (stats.count, stats.min, stats.max));
    let all = || receipts.iter().map(|receipt| receipt.gas);
    let expected = all()
        .min()
        .zip(all().max())
        .map(|(min, max)| (receipts.len() as u64, min, max));
    assert_eq!(extremes, expected, "{name}");
    if let Some(stats) = gas_used {
        let mean = gas_total as f64 / receipts.len() as f64;
        assert!(
            (stats.mean - mean).abs() < 0.001,
            "{name}: {} and {mean}",
            stats.mean
        );
    }
}

/// Each row of `transactions.csv` says what the transaction's receipt says.
fn rows_agree(folder: &Folder, receipts: &HashMap<String, Receipt>) {
    assert_eq!(folder.transactions.len(), receipts.len());
    for row in &folder.transactions {
        let receipt = &receipts[row.text("hash")];
        let said = |row: &ParsedRow| {
            let [gas, price, block] =
                ["gas_used", "effective_gas_price_wei", "block_number"].map(|name| row.us(name));
            (
                row.text("function").to_owned(),
                gas,
                price,
                block,
                row.text("outcome") == "included",
            )
        };
        let Receipt {
            function,
            gas,
            price,
            block,
            success,
        } = receipt;
        assert_eq!(
            said(row),
            (function.clone(), *gas, *price, *block, *success),
            "{row:?}"
        );
    }
}

/// The receipts of all transactions to the run's contracts, by hash, in the blocks that the run saw.
async fn receipts(node: &Node, folder: &Folder) -> HashMap<String, Receipt> {
    let (selectors, contracts) = (selectors(), &folder.result.chain.contracts);
    let ours: Vec<String> = contracts
        .values()
        .map(|address| address.to_string().to_lowercase())
        .collect();
    let first_to_contracts = folder.transactions.iter().map(|row| row.us("block_number")).min();
    let blocks = &folder.result.blocks;
    let mut found = HashMap::new();
    for number in first_to_contracts.expect("a block")..=blocks.last.expect("a block") {
        let block = node
            .ask("eth_getBlockByNumber", json!([format!("{number:#x}"), true]))
            .await;
        let input: HashMap<&str, &str> = block["transactions"]
            .as_array()
            .expect("transactions")
            .iter()
            .map(|tx| (text(&tx["hash"]), text(&tx["input"])))
            .collect();
        let receipts = node
            .ask("eth_getBlockReceipts", json!([format!("{number:#x}")]))
            .await;
        for receipt in receipts.as_array().expect("receipts") {
            let hash = text(&receipt["transactionHash"]);
            if ours
                .iter()
                .any(|contract| receipt["to"].as_str() == Some(contract))
            {
                let receipt = Receipt {
                    function: selectors[&input[hash][..10]].clone(),
                    gas: quantity(&receipt["gasUsed"]),
                    price: quantity(&receipt["effectiveGasPrice"]),
                    block: quantity(&receipt["blockNumber"]),
                    success: quantity(&receipt["status"]) == 1,
                };
                found.insert(hash.to_owned(), receipt);
            }
        }
    }
    found
}

/// Function names by selector, computed from the ABIs as the specification says.
fn selectors() -> BTreeMap<String, String> {
    let mut selectors = BTreeMap::new();
    for (_, artifact) in ARTIFACTS {
        let artifact: Value = serde_json::from_str(artifact).expect("an artifact");
        let abi = artifact["abi"].as_array().expect("an ABI");
        for function in abi.iter().filter(|entry| entry["type"] == "function") {
            let inputs = function["inputs"].as_array().expect("inputs");
            let types: Vec<&str> = inputs.iter().map(|input| text(&input["type"])).collect();
            let name = text(&function["name"]);
            let selector = &keccak256(format!("{name}({})", types.join(",")))[..4];
            selectors.insert(alloy::hex::encode_prefixed(selector), name.to_owned());
        }
    }
    selectors
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value}"))
}

/// How often the most frequent of `numbers` occurs.
fn most(numbers: impl Iterator<Item = u64>) -> usize {
    let mut counts = HashMap::<u64, usize>::new();
    numbers.for_each(|number| *counts.entry(number).or_default() += 1);
    counts.into_values().max().unwrap_or(0)
}

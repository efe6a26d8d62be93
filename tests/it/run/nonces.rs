//! Transactions that a node loses, whose nonces somebody else takes, or that it refuses: the run goes on.

use std::time::Duration;

use serde_json::{Value, json};
use taskstorm::{plan::Plan, scenario::Loaded};

use super::node::Node;
use crate::support::{
    folder::Folder,
    taskstorm::{Running, Taskstorm},
    wait::eventually_async,
};

const TASKS: u64 = 24;

const WORK: &str = r#"
name = "nonces"
seed = 12
[windows]
ack = "30s"
precommit = "10s"
commit = "10s"
[owners]
count = 2
tasks = 24
redundancy = 2
load = { back_to_back = { in_flight = 2 } }
[miners]
count = 2
work_time = "5ms"
concurrency = 8
[oracle]
check_interval = "100ms"
[limits]
transaction_deadline = "1s"
"#;

/// A run in the middle of its load on a node that the test may meddle with, and the address of one of its miners.
async fn under_way() -> (Node, Running, String) {
    under_way_of(WORK).await
}

async fn under_way_of(scenario: &str) -> (Node, Running, String) {
    let node = Node::start(Duration::from_millis(400)).await;
    let run = Taskstorm::run_on(&node.url(), scenario).start();
    run.reaches_its_middle();
    let plan = Plan::of(&Loaded::from_toml("nonces", WORK).expect("a scenario").scenario);
    (node, run, plan.miners[0].key.address.to_string())
}

/// That all tasks ended and every transaction got into a block, some by a second attempt.
fn recovered(run: Running) -> Folder {
    let folder = run.end().success();
    assert_eq!(folder.result.tasks.ended, TASKS);
    let transactions = &folder.result.transactions;
    assert_eq!(
        (transactions.refused, transactions.lost),
        (0, 0),
        "{:?}",
        folder.result.phases
    );
    assert!(transactions.resent > 0);
    folder
}

/// The nonces of an account's transactions that wait in the pool, until there are some.
async fn waiting(node: &Node, account: &str) -> Vec<u64> {
    eventually_async("a transaction in the pool", async || {
        let pool = node.ask("txpool_content", json!([])).await;
        let of_account = |(address, waiting): (&String, &Value)| {
            address
                .eq_ignore_ascii_case(account)
                .then(|| waiting.as_object().cloned())?
        };
        let found = pool["pending"]
            .as_object()
            .and_then(|pending| pending.iter().find_map(of_account));
        let found = found.filter(|found| !found.is_empty())?;
        Some(
            found
                .keys()
                .map(|nonce| nonce.parse().expect("a nonce"))
                .collect(),
        )
    })
    .await
}

/// Has somebody else who holds the account's key send a transaction, with this nonce or the next.
async fn take_nonce(node: &Node, account: &str, nonce: Option<u64>) {
    node.ask("anvil_impersonateAccount", json!([account])).await;
    let mut transaction = json!({
        "from": account, "to": account, "value": "0x0", "gas": "0x5208",
        // Twice what a run offers: it replaces what waits.
        "maxFeePerGas": "0x71afd498d0000", "maxPriorityFeePerGas": "0x71afd498d0000",
    });
    if let Some(nonce) = nonce {
        transaction["nonce"] = json!(format!("{nonce:#x}"));
    }
    node.ask("eth_sendTransaction", json!([transaction])).await;
    node.ask("anvil_stopImpersonatingAccount", json!([account])).await;
}

#[tokio::test]
async fn transactions_that_the_node_drops_are_sent_again() {
    let (node, run, miner) = under_way().await;
    for _ in 0..2 {
        waiting(&node, &miner).await;
        node.ask("anvil_dropAllTransactions", json!([])).await;
    }
    let folder = recovered(run);
    // The same transaction: same nonce, nothing left out.
    let mut nonces: Vec<u64> = folder
        .transactions
        .iter()
        .filter(|row| row.text("from").eq_ignore_ascii_case(&miner))
        .map(|row| row.us("nonce"))
        .collect();
    nonces.sort_unstable();
    assert_eq!(nonces, (0..nonces.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_nonce_that_another_client_used_up_is_passed_over() {
    let (node, run, miner) = under_way().await;
    take_nonce(&node, &miner, None).await;
    recovered(run);
}

#[tokio::test]
async fn a_transaction_that_another_client_replaced_gets_a_new_nonce() {
    let (node, run, miner) = under_way().await;
    let nonces = waiting(&node, &miner).await;
    take_nonce(&node, &miner, nonces.first().copied()).await;
    recovered(run);
}

#[tokio::test]
async fn what_the_node_refuses_is_accounted_for_in_its_words() {
    // Every task waits for the acks of a miner that can no longer pay for them.
    let (node, run, miner) = under_way_of(&WORK.replace("ack = \"30s\"", "ack = \"2s\"")).await;
    node.ask("anvil_setBalance", json!([miner, "0x0"])).await;
    let folder = run.end().success();
    let (tasks, transactions) = (&folder.result.tasks, &folder.result.transactions);
    assert_eq!((tasks.ended + tasks.failed, tasks.unfinished), (TASKS, 0));
    assert!(transactions.refused > 0);
    let refused = folder
        .transactions
        .iter()
        .filter(|row| row.text("outcome") == "refused");
    for row in refused {
        assert!(
            row.text("reason").to_lowercase().contains("insufficient funds"),
            "{row:?}"
        );
        assert!(row.text("from").eq_ignore_ascii_case(&miner), "{row:?}");
    }
}

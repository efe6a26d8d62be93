//! Small runs from end to end: what they print, what they write, and what the chain says about it.

use std::{fs, time::Duration};

use alloy::{
    primitives::{Address, U256},
    sol_types::SolCall,
};
use taskstorm::{plan::Plan, scenario::Loaded};

use super::node::Node;
use crate::{
    contracts::bindings::SessionV2,
    support::{
        folder::Folder,
        scenario::SMOKE,
        taskstorm::{Taskstorm, unread},
    },
};

const FILES: [&str; 9] = [
    "blocks.csv",
    "latency.hlog",
    "phases.csv",
    "report.html",
    "scenario.toml",
    "summary.json",
    "summary.md",
    "tasks.csv",
    "transactions.csv",
];

#[test]
fn the_smoke_scenario_ends_all_its_tasks_and_writes_every_file() {
    let ended = Taskstorm::run(SMOKE)
        .args(["--json"])
        .stderr_has("tasks: ")
        .stderr_lacks("\u{1b}")
        .end();
    let folder = ended.success();
    assert_eq!((folder.result.tasks.submitted, folder.result.tasks.ended), (8, 8));
    assert_eq!(folder.result.transactions.failed(), 0);
    // What a CI job waits for.
    assert!(
        folder.result.duration_us.0 < 20_000_000,
        "{:?}",
        folder.result.duration_us
    );

    let mut files: Vec<_> = fs::read_dir(ended.out())
        .expect("the folder")
        .map(|entry| entry.expect("a file").file_name().into_string().expect("a name"))
        .collect();
    files.sort();
    assert_eq!(files, FILES);
    // Stdout carries the result and nothing else; stderr tells how it went on, without colours in a file.
    assert_eq!(ended.stdout, ended.place().read("out/summary.json"));

    // Enough to run it again.
    let again = Loaded::from_file(ended.out().join("scenario.toml")).expect("a scenario");
    let before = Loaded::from_toml("smoke", SMOKE).expect("a scenario");
    assert_eq!(again.scenario, before.scenario);
}

const PAID: &str = r#"
name = "paid"
seed = 11
price = "3000 wei"
[owners]
count = 2
sessions = 2
tasks = 8
min_nodes = 2
max_nodes = 4
redundancy = 2
deposit = "50000 wei"
load = { back_to_back = { in_flight = 2 } }
[miners]
count = 5
work_time = "10ms"
[oracle]
check_interval = "100ms"
"#;

/// Run twice on one node: its accounts have a past then, and its contracts neighbours.
#[tokio::test]
async fn every_wei_that_was_deposited_is_earned_or_left() {
    let node = Node::start(Duration::from_millis(150)).await;
    let first = Taskstorm::run_on(&node.url(), PAID).end().success();
    all_wei_are_there(&node, &first).await;
    let second = Taskstorm::run_on(&node.ws_url(), PAID).end().success();
    all_wei_are_there(&node, &second).await;

    assert_ne!(first.result.chain.contracts, second.result.chain.contracts);
    let lowest = |folder: &Folder| {
        folder
            .transactions
            .iter()
            .filter_map(|row| row.number("nonce"))
            .min()
    };
    assert_eq!(lowest(&first), Some(0));
    assert!(lowest(&second) > Some(0));
}

async fn all_wei_are_there(node: &Node, folder: &Folder) {
    assert_eq!(
        (folder.result.tasks.ended, folder.result.transactions.failed()),
        (8, 0)
    );
    let plan = Plan::of(&Loaded::from_toml("paid", PAID).expect("a scenario").scenario);
    let session = folder.result.chain.contracts["SessionV2"];

    let sessions = plan.owners.iter().map(|owner| owner.sessions.len() as u64).sum();
    let mut left = U256::ZERO;
    for id in 0..sessions {
        let call = SessionV2::getSessionBalanceCall {
            sessionId: U256::from(id),
        };
        let balance = call_view(node, session, call).await;
        assert_eq!(balance.reserved, U256::ZERO, "every task ended");
        left += balance.available;
    }
    let mut earned = U256::ZERO;
    for miner in &plan.miners {
        let miner = miner.key.address;
        earned += call_view(node, session, SessionV2::getEarningsCall { miner }).await;
    }
    let commits = folder.result.phases[&taskstorm::protocol::Phase::COMMIT]
        .transactions
        .included;
    assert_eq!(earned, U256::from(3_000 * commits));
    assert_eq!(earned + left, U256::from(50_000 * sessions));
    let held = node
        .ask("eth_getBalance", serde_json::json!([session, "latest"]))
        .await;
    assert_eq!(super::node::quantity(&held), 50_000 * sessions);
}

async fn call_view<C: SolCall>(node: &Node, to: Address, call: C) -> C::Return {
    let output = node.view(&to.to_string(), &call.abi_encode()).await;
    C::abi_decode_returns(&output).expect("its return")
}

#[test]
fn a_reader_that_goes_away_early_is_no_error() {
    let run = Taskstorm::run(SMOKE).args(["--json"]).stdout_to(unread());
    run.stderr_lacks("panic").end().success();
}

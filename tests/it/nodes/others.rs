//! Accounts that others use as well, transactions that pay too little, a tool and a node that are restarted.

use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::json;

use super::stage::{KEY, LIMIT, accounts, funded_by, plain, small, swept};
use crate::{
    faults::{
        restart::restarted,
        stage::{SMALL, TASKS, undisturbed},
    },
    support::{taskstorm::Ended, wait::eventually},
};

/// That all tasks ended and every transaction got into a block.
fn all_ended(ended: &Ended) -> u64 {
    let folder = ended.success();
    let transactions = &folder.result.transactions;
    assert_eq!(folder.result.tasks.ended, TASKS, "{:?}", folder.result.tasks);
    assert_eq!(
        (transactions.refused, transactions.lost),
        (0, 0),
        "{transactions:?}"
    );
    transactions.resent
}

#[test]
fn an_account_that_somebody_else_uses_loses_nothing() {
    let stage = plain();
    let run = small(&stage).start();
    run.reaches_its_middle();
    // Owners come first, then miners.
    let miner = accounts(SMALL)[3].to_string();
    stage.ask("anvil_impersonateAccount", json!([miner]));
    // One a block, while the load lasts.
    for _ in 0..5 {
        let transfer = json!([{
            "from": miner, "to": miner, "value": "0x0", "gas": "0x5208",
            "maxFeePerGas": "0x2540be400", "maxPriorityFeePerGas": "0x2540be400",
        }]);
        stage.ask("eth_sendTransaction", transfer);
        let number = || stage.ask("eth_blockNumber", json!([]));
        let before = number();
        eventually("a block", || (number() != before).then_some(()));
    }
    stage.ask("anvil_stopImpersonatingAccount", json!([miner]));
    let ended = run.end_within(LIMIT);
    assert!(all_ended(&ended) > 0, "nothing was sent again");
    swept(&stage, SMALL, &ended);
}

#[test]
fn transactions_that_pay_too_little_by_now_are_replaced() {
    let stage = plain();
    let run = small(&stage).start();
    run.reaches_its_middle();
    // Seven times what their max fee allows.
    stage.ask("anvil_setNextBlockBaseFeePerGas", json!(["0x4a817c800"]));
    let ended = run.end_within(LIMIT);
    assert!(all_ended(&ended) > 0, "nothing was sent again");
    swept(&stage, SMALL, &ended);
}

#[test]
fn a_tool_that_was_killed_runs_again_with_the_same_accounts() {
    let stage = plain();
    let killed = small(&stage).any_code().start();
    killed.reaches_its_middle();
    killed.signal(Signal::SIGKILL);
    drop(killed.end_within(Duration::from_secs(10)));
    let ended = small(&stage).start().end_within(LIMIT);
    let folder = ended.success();
    assert_eq!(folder.result.tasks.ended, TASKS);
    // What the first one left is swept as well.
    swept(&stage, SMALL, &ended);
}

#[test]
fn a_node_that_is_restarted_with_its_state_costs_nothing() {
    let (ended, _) = restarted(|run| funded_by(KEY, run));
    undisturbed("restarted", &ended);
}

//! Accounts that others use as well, transactions that pay too little, a tool and a node that are restarted.

use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::json;

use super::{
    market::{Market, accounted_for},
    stage::{KEY, LIMIT, accounts, funded_by, on, plain, swept},
};
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

/// A run of the scenario while somebody else sends transactions of an account that answers tasks.
fn shared(scenario: &str) -> Ended {
    let stage = plain();
    let run = on(&stage, scenario).start();
    run.reaches_its_middle();
    // The two accounts that submit tasks come first.
    let miner = accounts(scenario)[3].to_string();
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
    swept(&stage, scenario, &ended);
    ended
}

#[test]
fn an_account_that_somebody_else_uses_loses_nothing() {
    assert!(all_ended(&shared(SMALL)) > 0, "nothing was sent again");
    let market = Market::new();
    assert!(
        accounted_for(&shared(&market.scenario())) > 0,
        "nothing was sent again"
    );
}

/// A run of the scenario whose transactions pay too little from its middle on.
fn underpriced(scenario: &str) -> Ended {
    let stage = plain();
    let run = on(&stage, scenario).start();
    run.reaches_its_middle();
    // Seven times what their max fee allows.
    stage.ask("anvil_setNextBlockBaseFeePerGas", json!(["0x4a817c800"]));
    let ended = run.end_within(LIMIT);
    swept(&stage, scenario, &ended);
    ended
}

#[test]
fn transactions_that_pay_too_little_by_now_are_replaced() {
    assert!(all_ended(&underpriced(SMALL)) > 0, "nothing was sent again");
    let market = Market::new();
    assert!(
        accounted_for(&underpriced(&market.scenario())) > 0,
        "nothing was sent again"
    );
}

/// A run of the scenario after one with the same accounts was killed.
fn again(scenario: &str) -> Ended {
    let stage = plain();
    let killed = on(&stage, scenario).any_code().start();
    killed.reaches_its_middle();
    killed.signal(Signal::SIGKILL);
    drop(killed.end_within(Duration::from_secs(10)));
    let ended = on(&stage, scenario).start().end_within(LIMIT);
    // What the first one left is swept as well.
    swept(&stage, scenario, &ended);
    ended
}

#[test]
fn a_tool_that_was_killed_runs_again_with_the_same_accounts() {
    assert_eq!(again(SMALL).success().result.tasks.ended, TASKS);
    let market = Market::new();
    accounted_for(&again(&market.scenario()));
}

#[test]
fn a_node_that_is_restarted_with_its_state_costs_nothing() {
    let (ended, _) = restarted(SMALL, |run| funded_by(KEY, run));
    undisturbed("restarted", &ended);
    let market = Market::new();
    let (ended, _) = restarted(&market.scenario(), |run| funded_by(KEY, run));
    accounted_for(&ended);
}

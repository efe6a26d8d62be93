//! The funder: it pays, tops up, gets back what is left, and may run dry.

use alloy::primitives::U256;
use nix::sys::signal::Signal;
use serde_json::json;

use super::{
    market::{Market, accounted_for},
    stage::{
        FUNDER, KEY, LIMIT, balance, funded_by, on, plain, says, secret, small, swept, told, undisturbed,
    },
};
use crate::{
    faults::stage::{SMALL, TASKS},
    support::taskstorm::{Ended, Taskstorm},
};

/// A key that nobody uses, and its account.
const POOR: &str = "0x1111111111111111111111111111111111111111111111111111111111111111";
const POOR_ACCOUNT: &str = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A";
const ETHER: u64 = 1_000_000_000_000_000_000;

/// What the funder paid and got back.
fn funding(ended: &Ended) -> (U256, U256) {
    let node = ended.folder().result.node.expect("a node");
    let funding = node.funding.expect("a funder");
    assert!(funding.left.is_empty(), "{funding:?}");
    let wei = |text: &str| text.parse().expect("wei");
    (wei(&funding.paid_wei), wei(&funding.returned_wei))
}

#[test]
fn a_funder_pays_for_a_run_and_gets_back_what_is_left() {
    let stage = plain();
    let before = balance(&stage, FUNDER);
    let ended = small(&stage).code(0).start().end_within(LIMIT);
    undisturbed(&stage, "funded", &ended);
    swept(&stage, SMALL, &ended);
    let (paid, returned) = funding(&ended);
    assert!(returned > U256::ZERO && returned < paid, "{returned} of {paid}");
    let spent = before - balance(&stage, FUNDER);
    assert!(spent >= paid - returned && spent < U256::from(ETHER), "{spent}");
    assert_eq!(stage.proxy.count("anvil_setBalance"), 0);
}

#[test]
fn a_key_comes_from_a_file_as_well() {
    let stage = plain();
    let run = stage
        .taskstorm(SMALL)
        .file("key.txt", &format!("{}\n", KEY.trim_start_matches("0x")))
        .args(["--funder-key-file", "key.txt", "--allowance", "0.05 ether"]);
    let ended = run.start().end_within(LIMIT);
    undisturbed(&stage, "a file", &ended);
    let (paid, _) = funding(&ended);
    // Seven actors, and what the deployment costs.
    assert!(paid > U256::from(7 * (ETHER / 20)), "{paid}");
    secret(&ended);
}

#[test]
fn a_node_that_creates_no_money_needs_a_funder() {
    let stage = plain();
    let ended = stage.taskstorm(SMALL).code(3).leaves_no("out/summary.json").end();
    for words in [
        "does not fund accounts",
        "$TASKSTORM_FUNDER_KEY",
        "--funder-key-file",
    ] {
        assert!(told(&ended).contains(words), "{}", ended.stderr);
    }
}

#[test]
fn what_is_no_key_is_refused_without_being_shown() {
    for key in ["0x12", "zz", &"f".repeat(64), &format!("{KEY}00")] {
        let run = funded_by(key, Taskstorm::run_on("http://127.0.0.1:1", SMALL));
        let ended = run.code(2).end();
        assert!(
            told(&ended).contains("does not hold a private key"),
            "{}",
            ended.stderr
        );
        assert!(!ended.stderr.contains(key), "{}", ended.stderr);
    }
    let run = Taskstorm::run_on("http://127.0.0.1:1", SMALL).args(["--allowance", "1 ether"]);
    says(run.code(2), "there is none");
    let run = Taskstorm::run(SMALL).args(["--funder-key-file", "key.txt"]);
    says(run.code(2), "needs no funder");
}

#[test]
fn a_funder_without_enough_is_refused_before_anything_is_paid() {
    let stage = plain();
    let run = funded_by(POOR, stage.taskstorm(SMALL));
    says(
        run.code(2).leaves_no("out/summary.json"),
        &format!("the funder {POOR_ACCOUNT} has 0 wei"),
    );
}

#[test]
fn a_funder_that_runs_dry_ends_the_run_and_nothing_is_lost() {
    let stage = plain();
    // Enough for the deployment and the first allowances, and for a few more.
    stage.ask(
        "anvil_setBalance",
        json!([POOR_ACCOUNT, format!("{:#x}", ETHER / 10)]),
    );
    let scenario = SMALL
        .replace("tasks = 24", "duration = \"60s\"")
        .replace("{ constant = \"12/s\" }", "{ back_to_back = { in_flight = 4 } }");
    let run = funded_by(POOR, stage.taskstorm(&scenario)).args(["--allowance", "0.002 ether"]);
    let ended = run.code(3).start().end_within(LIMIT);
    let folder = ended.folder();
    let message = folder.result.stop_message.clone().unwrap_or_default();
    assert!(
        message.contains("the funder") && message.contains(POOR_ACCOUNT),
        "{message}"
    );
    let tasks = &folder.result.tasks;
    assert_eq!(
        tasks.ended + tasks.failed + tasks.unfinished,
        tasks.offered(),
        "{tasks:?}"
    );
    assert!(tasks.ended > TASKS, "{tasks:?}");
    assert!(folder.result.invariants.violations.is_empty());
    let (paid, returned) = funding(&ended);
    // They were topped up before that.
    assert!(paid > U256::from(ETHER / 500 * 8), "{paid}");
    assert!(returned > U256::ZERO);
}

#[test]
fn what_calls_of_a_profile_transfer_is_paid_as_well() {
    let (stage, market) = (plain(), Market::new());
    // Far more than gas costs: what each question and each answer takes.
    let scenario = market.scenario() + "[parameters]\nbond = \"2 ether\"\n";
    let ended = on(&stage, &scenario).start().end_within(LIMIT);
    accounted_for(&ended);
    let result = ended.folder().result;
    assert_eq!(result.transactions.failed(), 0, "{:?}", result.transactions);
    let (paid, _) = funding(&ended);
    assert!(paid > U256::from(24 * 2) * U256::from(ETHER), "{paid}");
    // An allowance says otherwise.
    let poor = on(&plain(), &scenario)
        .args(["--allowance", "1 ether"])
        .any_code();
    let ended = poor.start().end_within(LIMIT);
    assert_ne!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn a_funder_of_a_profile_that_runs_dry_ends_the_run_and_nothing_is_lost() {
    let (stage, market) = (plain(), Market::new());
    stage.ask("anvil_setBalance", json!([POOR_ACCOUNT, format!("{ETHER:#x}")]));
    let scenario = market.scenario().replace("tasks = 24", "duration = \"60s\"");
    let run = funded_by(POOR, stage.taskstorm(&scenario)).args(["--allowance", "0.05 ether"]);
    let ended = run.code(3).start().end_within(LIMIT);
    let result = ended.folder().result;
    let message = result.stop_message.clone().unwrap_or_default();
    assert!(
        message.contains("the funder") && message.contains(POOR_ACCOUNT),
        "{message}"
    );
    let tasks = &result.tasks;
    assert_eq!(
        tasks.ended + tasks.failed + tasks.unfinished,
        tasks.offered(),
        "{tasks:?}"
    );
    assert!(tasks.ended > 0, "{tasks:?}");
    let (paid, returned) = funding(&ended);
    assert!(returned > U256::ZERO && returned < paid);
}

#[test]
fn an_interrupted_run_is_swept() {
    let stage = plain();
    let run = small(&stage).code(130).start();
    run.reaches_its_middle();
    run.signal(Signal::SIGINT);
    let ended = run.end_within(LIMIT);
    swept(&stage, SMALL, &ended);
    let (paid, returned) = funding(&ended);
    assert!(returned > U256::ZERO && returned < paid);
}

#[test]
fn a_run_that_fails_in_setup_is_swept() {
    let stage = plain();
    // Not enough for a single transaction.
    let poor = SMALL.replace(
        "block_time = \"200ms\"",
        "block_time = \"200ms\"\nallowance = \"1 gwei\"",
    );
    let run = funded_by(KEY, stage.taskstorm(&poor)).any_code();
    let ended = run.start().end_within(LIMIT);
    assert_ne!(ended.code, Some(0), "{}", ended.stderr);
    swept(&stage, SMALL, &ended);
}

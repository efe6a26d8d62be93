//! Contracts that are deployed already.

use alloy::{hex, primitives::Address, sol_types::SolCall};
use nix::sys::signal::Signal;
use serde_json::json;
use taskstorm::protocol::ARTIFACTS;

use super::{
    market::{Market, accounted_for},
    stage::{LIMIT, accounts, says},
};
use crate::{
    faults::{
        restart::Kept,
        stage::{SMALL, Stage, TASKS},
    },
    support::{place::Place, taskstorm::Taskstorm},
};

alloy::sol! {
    function setOracle(address account, bool isOracle);
    function owner() returns (address);
    function isOracleNode(address account) returns (bool);
}

/// A file of Hardhat Ignition with the contracts of a run that was on the node, and where the queue is.
fn deployed(stage: &Stage) -> (String, Address) {
    // Its sessions keep its miners to themselves, so that nobody else draws them.
    let scenario = SMALL.replace("[owners]\n", "[owners]\nreserve = true\n");
    let ended = stage.taskstorm(&scenario).start().end_within(LIMIT);
    let contracts = ended.success().result.chain.contracts;
    let ids = contracts
        .iter()
        .map(|(name, at)| (format!("Market#{name}"), json!(at.to_string())));
    let ids: serde_json::Map<_, _> = ids.collect();
    (json!(ids).to_string(), contracts["SessionQueueV2"])
}

/// A run with other accounts on the contracts that the file names.
fn on_existing(stage: &Stage, file: &str) -> Taskstorm {
    stage
        .taskstorm(SMALL)
        .file("deployed_addresses.json", file)
        .args(["--deployment", "deployed_addresses.json", "--seed", "4"])
}

#[test]
fn contracts_are_used_again_once_their_owner_named_the_oracle() {
    let stage = Stage::new();
    let (file, queue) = deployed(&stage);
    says(on_existing(&stage, &file).code(2), "do not know the oracle");

    let oracle = accounts(&SMALL.replace("seed = 3", "seed = 4"))[6];
    let call = json!([{ "to": queue, "input": hex::encode_prefixed(ownerCall {}.abi_encode()) }, "latest"]);
    let owner = stage.ask("eth_call", call);
    let owner = format!("0x{}", &owner.as_str().expect("an address")[26..]);
    let input = setOracleCall {
        account: oracle,
        isOracle: true,
    };
    stage.ask("anvil_impersonateAccount", json!([owner]));
    let input = hex::encode_prefixed(input.abi_encode());
    stage.ask(
        "eth_sendTransaction",
        json!([{ "from": owner, "to": queue, "input": input, "gas": "0x30d40" }]),
    );
    let input = hex::encode_prefixed(isOracleNodeCall { account: oracle }.abi_encode());
    crate::support::wait::eventually("the oracle", || {
        let named = stage.ask("eth_call", json!([{ "to": queue, "input": input }, "latest"]));
        named
            .as_str()
            .is_some_and(|named| named.ends_with('1'))
            .then_some(())
    });

    let ended = on_existing(&stage, &file).start().end_within(LIMIT);
    let folder = ended.success();
    assert_eq!(folder.result.tasks.ended, TASKS);
    assert_eq!(folder.result.transactions.failed(), 0);
    assert!(folder.result.invariants.violations.is_empty());
    assert_eq!(folder.result.chain.contracts["SessionQueueV2"], queue);

    // The same accounts again.
    says(on_existing(&stage, &file).code(2), "miners are registered");
}

#[test]
fn files_that_name_no_contracts_on_the_chain_are_refused() {
    let stage = Stage::new();
    let at = |byte: u8| Address::repeat_byte(byte).to_string();
    let named: serde_json::Map<_, _> = ARTIFACTS
        .iter()
        .map(|(name, _)| ((*name).to_owned(), json!(at(1))))
        .collect();
    let other_chain = json!({
        "transactions": [{ "transactionType": "CREATE", "contractName": "NodePool", "contractAddress": at(1) }],
        "chain": 5,
    });
    for (file, words) in [
        (json!(named).to_string(), "has no code at"),
        (
            json!({ "NodePool": at(1) }).to_string(),
            "names no contract SessionV2",
        ),
        (other_chain.to_string(), "is of chain 5"),
        ("[]".to_owned(), "is no file of a deployment"),
    ] {
        says(on_existing(&stage, &file).code(2), words);
    }
    let missing = stage.taskstorm(SMALL).args(["--deployment", "nowhere.json"]);
    says(missing.code(2), "cannot read nowhere.json");
    let embedded = Taskstorm::simulate(SMALL)
        .file("a.json", "{}")
        .args(["--deployment", "a.json"]);
    says(embedded.code(2), "--deployment names contracts on a node");
}

/// A run of the market on contracts that the file names.
fn on_market(stage: &Stage, scenario: &str, file: &serde_json::Value) -> Taskstorm {
    let run = stage.taskstorm(scenario).file("at.json", &file.to_string());
    run.args(["--deployment", "at.json", "--seed", "4"])
}

#[test]
fn contracts_of_a_profile_are_found_by_either_name() {
    let (stage, market) = (Stage::new(), Market::new());
    let first = stage.taskstorm(&market.scenario()).start().end_within(LIMIT);
    accounted_for(&first);
    let at = first.folder().result.chain.contracts["market"];
    let foundry = json!({
        "transactions": [{ "transactionType": "CREATE", "contractName": "Market", "contractAddress": at }],
        "chain": 31337,
    });
    for file in [
        foundry,
        json!({ "Module#Market": at }),
        json!({ "chainId": 31337, "contracts": { "market": { "address": at, "abi": "abi/market.json" } } }),
    ] {
        let run = on_market(&stage, &market.scenario(), &file);
        let ended = run.start().end_within(LIMIT);
        accounted_for(&ended);
        let result = ended.folder().result;
        assert_eq!(result.chain.contracts["market"], at, "{file}");
        assert_eq!(result.transactions.failed(), 0, "{file}");
    }
    // A token of the same code twice has no address that a name alone tells.
    let twice = market.scenario().replace("market.toml", "twice.toml");
    market.with_two("twice.toml");
    let at = |byte: u8| Address::repeat_byte(byte).to_string();
    for (scenario, file, words) in [
        (market.scenario(), json!({ "Market": at(1) }), "has no code at"),
        (
            market.scenario(),
            json!({ "Token": at(1) }),
            "names no contract market (or Market)",
        ),
        (
            twice,
            json!({ "Market": at(1) }),
            "deploys it as market and spare",
        ),
    ] {
        says(on_market(&stage, &scenario, &file).code(2), words);
    }
}

#[test]
fn a_devnet_of_a_profile_takes_contracts_from_the_state_that_it_starts_from() {
    let market = Market::new();
    let place = Place::new();
    let kept = Kept::start(&place.path("state.json"));
    let first = Taskstorm::run_on(&kept.url, &market.scenario())
        .start()
        .end_within(LIMIT);
    let at = first.folder().result.chain.contracts["market"].to_string();
    place.write("at.json", json!({ "Market": at }).to_string());
    let fork = format!("[chain]\nfork = \"{}\"", kept.url);
    place.write("fork.toml", market.scenario().replace("[chain]", &fork));
    place.write("load.toml", market.scenario());
    let devnet = |scenario: &str| {
        let run = place.taskstorm(["devnet", scenario, "--deployment", "at.json"]);
        run.args(["--port", "0", "--out", "devnet"])
    };
    says(devnet("load.toml").code(2), "the devnet's is empty");
    let running = devnet("fork.toml").start();
    running.until("its files", || place.has("devnet/deployment.json"));
    let deployment: serde_json::Value = serde_json::from_str(&place.read("devnet/deployment.json")).unwrap();
    assert_eq!(deployment["contracts"]["market"]["address"], at);
    running.signal(Signal::SIGINT);
    running.end();
}

//! Contracts that are deployed already.

use alloy::{hex, primitives::Address, sol_types::SolCall};
use serde_json::json;
use taskstorm::protocol::ARTIFACTS;

use super::stage::{LIMIT, accounts, says};
use crate::{
    faults::stage::{SMALL, Stage, TASKS},
    support::taskstorm::Taskstorm,
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

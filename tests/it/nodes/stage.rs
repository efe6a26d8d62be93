//! An anvil without its own methods, and a funder.

use std::time::Duration;

use alloy::primitives::{Address, U256};
use serde_json::{Value, json};
use taskstorm::{plan::Plan, scenario::Scenario};

use crate::{
    faults::stage::{SMALL, Stage, recount_funded},
    support::{
        proxy::{Fault, Rule},
        taskstorm::{Ended, Taskstorm},
    },
};

/// The key of account 0 of anvil and Hardhat, which has 10,000 ether.
pub(crate) const KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
/// Its account.
pub(super) const FUNDER: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
/// Methods that are not every node's.
const OWN: [&str; 7] = [
    "anvil_*",
    "evm_*",
    "hardhat_*",
    "debug_*",
    "trace_*",
    "txpool_*",
    "ots_*",
];

/// A node with blocks of 200 ms, reached through a proxy that refuses all that not every node has.
pub(crate) fn plain() -> Stage {
    let stage = Stage::new();
    let refused = [
        Fault::ErrorEach(-32_601, "the method does not exist"),
        Fault::Error(-32_601, "the method does not exist"),
    ];
    for fault in refused {
        stage.proxy.rule(Rule::always(fault).on(&OWN));
    }
    stage
}

/// The process with this funder.
pub(crate) fn funded_by(key: &str, run: Taskstorm) -> Taskstorm {
    run.after(&format!("export TASKSTORM_FUNDER_KEY={key}"))
}

/// A run of the scenario through the proxy with account 0 as the funder.
pub(super) fn on(stage: &Stage, scenario: &str) -> Taskstorm {
    funded_by(KEY, stage.taskstorm(scenario))
}

/// The same of [`SMALL`].
pub(super) fn small(stage: &Stage) -> Taskstorm {
    on(stage, SMALL)
}

/// Holds a run of [`SMALL`] to the figures that it has on a node without faults, and its files to the chain.
pub(super) fn undisturbed(stage: &Stage, what: &str, ended: &Ended) {
    crate::faults::stage::undisturbed(what, ended);
    recount_funded(what, &stage.node.url(), &ended.out(), &[FUNDER]);
}

/// What an account has, in wei.
pub(super) fn balance(stage: &Stage, account: &str) -> U256 {
    let balance = stage.ask("eth_getBalance", json!([account, "latest"]));
    wei(&balance)
}

/// A quantity in hexadecimal.
pub(super) fn wei(value: &Value) -> U256 {
    let text = value.as_str().unwrap_or_else(|| panic!("{value}"));
    U256::from_str_radix(text.trim_start_matches("0x"), 16).expect("a quantity")
}

/// The accounts of a scenario, its deployer's included.
pub(super) fn accounts(scenario: &str) -> Vec<Address> {
    let plan = Plan::of(&Scenario::from_toml("accounts", scenario).expect("a scenario"));
    let actors = plan.accounts().map(|account| account.key.address);
    actors.chain([plan.deployer.address]).collect()
}

/// Holds a run to having sent back all that its accounts had, and to telling nobody the funder's key.
pub(super) fn swept(stage: &Stage, scenario: &str, ended: &Ended) {
    for account in accounts(scenario) {
        let left = balance(stage, &account.to_string());
        assert!(
            left < U256::from(1_000_000_000_000_000_u64),
            "{account} has {left} wei"
        );
    }
    secret(ended);
}

/// That no output of a run holds the funder's key.
pub(super) fn secret(ended: &Ended) {
    let digits = KEY.trim_start_matches("0x");
    let is_secret = |text: &str| !text.to_lowercase().contains(digits);
    assert!(
        is_secret(&ended.stdout) && is_secret(&ended.stderr),
        "{}",
        ended.stderr
    );
    if ended.out().exists() {
        for (name, bytes) in crate::support::place::files(&ended.out()) {
            assert!(is_secret(&String::from_utf8_lossy(&bytes)), "{name}");
        }
    }
}

/// How long a run may take.
pub(super) const LIMIT: Duration = Duration::from_secs(120);

/// What a run said on stderr, without the line breaks of messages.
pub(super) fn told(ended: &Ended) -> String {
    let words = ended.stderr.split_whitespace().filter(|word| *word != "│");
    words.collect::<Vec<_>>().join(" ")
}

/// Ends a run that must say this on stderr.
pub(super) fn says(run: Taskstorm, words: &str) {
    let ended = run.end();
    assert!(told(&ended).contains(words), "{words}: {}", ended.stderr);
}

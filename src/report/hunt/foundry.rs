//! A finding as a Foundry test, which fails on the contracts as they are and passes once they are fixed.
//!
//! It needs nothing but forge: cheatcodes are called through an interface of its own, and contracts are found by the names of
//! their artifacts. Where the right behaviour is known, from the reference contracts or from the rule itself, that is asserted;
//! else that what was seen is not seen any more.

use std::fmt::Write as _;

use alloy::primitives::{Address, Bytes, U256, hex};

use crate::hunt::{
    DeploymentPlan, DeploymentStep, Evidence, Finding, Observation, START, Seen, TracedTransaction,
};

/// Wei that every account of a test has.
const BALANCE: &str = "1_000_000_000 ether";

/// What cheatcodes a test uses, and its helpers.
const HELPERS: &str = r#"
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function create(string memory artifact, bytes memory arguments, uint256 value, address expected) private {
        bytes memory code = bytes.concat(vm.getCode(artifact), arguments);
        address created;
        vm.prank(DEPLOYER, DEPLOYER);
        assembly {
            created := create(value, add(code, 32), mload(code))
        }
        require(created == expected, string.concat(artifact, " was not created where it is expected"));
    }

    function enterBlock(uint256 number, uint256 timestamp) private {
        vm.roll(number);
        vm.warp(timestamp);
    }

    function send(address from, address to, uint256 value, bytes memory input)
        private
        returns (bool accepted, bytes32 events)
    {
        vm.recordLogs();
        vm.prank(from, from);
        (accepted,) = to.call{value: value}(input);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; accepted && i < logs.length; ++i) {
            events = keccak256(abi.encode(events, logs[i].topics, logs[i].data, logs[i].emitter));
        }
    }
"#;

const INTERFACE: &str = r"
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function deal(address account, uint256 balance) external;
    function etch(address account, bytes calldata code) external;
    function getCode(string calldata artifact) external view returns (bytes memory);
    function getRecordedLogs() external returns (Log[] memory);
    function prank(address sender, address origin) external;
    function recordLogs() external;
    function roll(uint256 number) external;
    function warp(uint256 timestamp) external;
}
";

/// The test of a finding. `found` is what the contracts did, `right` what they should have done, where that is known. `None` if
/// nothing that a test can see tells the one from the other.
#[must_use]
pub fn foundry_test(
    finding: &Finding,
    deployment: &DeploymentPlan,
    found: &Observation,
    right: Option<&Observation>,
) -> Option<String> {
    let mut body = String::new();
    let mut asserts = 0;
    let mut block = 0;
    for (place, transaction) in finding.trace.iter().enumerate() {
        let seen = &found.transactions[place];
        let expected = right.map(|right| &right.transactions[place]);
        if transaction.block != block {
            block = transaction.block;
            let _ = writeln!(body, "        enterBlock({block}, {});", transaction.timestamp);
        }
        let is_last = place + 1 == finding.trace.len();
        let decides = is_last && finding.evidence == Evidence::Transaction;
        let call = sent(
            transaction.from,
            transaction.to,
            transaction.value,
            &transaction.input,
        );
        let assert = assertion(finding, seen, expected, decides);
        asserts += usize::from(assert.is_some());
        let name = described(finding, place, transaction, seen);
        match assert {
            None => {
                let _ = writeln!(body, "        {call}; // {name}");
            }
            Some(assert) => {
                let _ = writeln!(body, "        // {name}");
                let _ = writeln!(body, "        (accepted, events) = {call};");
                let _ = writeln!(body, "        {assert}");
            }
        }
    }
    if let Some(seen) = &found.end {
        let expected = right.and_then(|right| right.end.as_ref());
        asserts += usize::from(end(finding, seen, expected, &mut body));
    }
    if asserts == 0 {
        return None;
    }
    let test = identifier(&finding.name());
    let mut text = String::from("// SPDX-License-Identifier: UNLICENSED\npragma solidity ^0.8.20;\n\n");
    let _ = writeln!(
        text,
        "// {}: {}",
        finding.broken.rule,
        one_line(&finding.broken.detail)
    );
    let _ = writeln!(
        text,
        "// It fails on the contracts in which this was found, and passes once that is fixed."
    );
    let _ = writeln!(
        text,
        "// taskstorm replay {}.toml makes the same transactions.",
        finding.name()
    );
    text.push_str(INTERFACE);
    let _ = writeln!(text, "\ncontract {test}Test {{");
    let _ = writeln!(
        text,
        "    address private constant DEPLOYER = {};",
        deployment.deployer
    );
    text.push_str(HELPERS);
    text.push_str(&set_up(finding, deployment));
    let _ = writeln!(text, "\n    function test_{test}() public {{");
    text.push_str("        bool accepted;\n        bytes32 events;\n");
    text.push_str(&body);
    text.push_str("        (accepted, events);\n    }\n}\n");
    Some(text)
}

/// The set-up: the deployment, and accounts with money and code.
fn set_up(finding: &Finding, deployment: &DeploymentPlan) -> String {
    let mut text = String::from("\n    function setUp() public {\n");
    let _ = writeln!(text, "        enterBlock(0, {START});");
    let _ = writeln!(text, "        vm.deal(DEPLOYER, {BALANCE});");
    for step in &deployment.steps {
        let _ = match step {
            DeploymentStep::Create {
                artifact,
                arguments,
                value,
                address,
            } => writeln!(
                text,
                "        create(\"{artifact}\", hex\"{}\", {value}, {address});",
                hex::encode(arguments)
            ),
            DeploymentStep::Call { to, value, input } => writeln!(
                text,
                "        {};",
                sent(deployment.deployer, Some(*to), *value, input)
            ),
        };
    }
    let mut accounts: Vec<Address> = finding.trace.iter().map(|transaction| transaction.from).collect();
    if let Evidence::Trial { from, .. } = finding.evidence {
        accounts.push(from);
    }
    accounts.sort_unstable();
    accounts.dedup();
    for account in accounts {
        let _ = writeln!(text, "        vm.deal({account}, {BALANCE});");
    }
    for (account, code) in &finding.participants.contracts {
        let _ = writeln!(text, "        vm.etch({account}, hex\"{}\");", hex::encode(code));
    }
    text.push_str("    }\n");
    text
}

/// A transaction as an expression.
fn sent(from: Address, to: Option<Address>, value: U256, input: &Bytes) -> String {
    let to = to.unwrap_or_default();
    format!("send({from}, {to}, {value}, hex\"{}\")", hex::encode(input))
}

/// What is asserted of a transaction: that it does what it should, or if that is not known and it `decides`, that it does not do
/// what it did.
fn assertion(finding: &Finding, seen: &Seen, expected: Option<&Seen>, decides: bool) -> Option<String> {
    let accepted = |should: bool| {
        let (not, must) = if should {
            ("", "accepted")
        } else {
            ("!", "refused")
        };
        Some(format!("require({not}accepted, \"must be {must}\");"))
    };
    if let Some(expected) = expected.filter(|expected| !same(seen, expected)) {
        return if seen.succeeded != expected.succeeded {
            accepted(expected.succeeded)
        } else {
            Some(format!(
                "require(events == {}, \"emits other events than it must\");",
                expected.logs
            ))
        };
    }
    if !decides || expected.is_some() {
        return None;
    }
    match demanded(finding) {
        Some(should) if should != seen.succeeded => accepted(should),
        _ if seen.succeeded => Some(format!("require(events != {}, \"does what it did\");", seen.logs)),
        _ => accepted(true),
    }
}

/// Asserts what should be read or come of a trial at the end; whether anything could be.
fn end(finding: &Finding, seen: &Seen, expected: Option<&Seen>, body: &mut String) -> bool {
    match &finding.evidence {
        Evidence::Read { to, input, .. } => {
            let target = match to {
                Some(to) => to.to_string(),
                None => {
                    let code = hex::encode(input);
                    let _ = writeln!(body, "        vm.etch(address(0xcafe), hex\"{code}\");");
                    "address(0xcafe)".to_owned()
                }
            };
            let data = if to.is_some() {
                hex::encode(input)
            } else {
                String::new()
            };
            let digest = |seen: &Seen| alloy::primitives::keccak256(&seen.output);
            let condition = match expected {
                Some(expected) if expected.output == seen.output && expected.succeeded == seen.succeeded => {
                    return false;
                }
                Some(expected) => format!("found && keccak256(answer) == {}", digest(expected)),
                None if seen.succeeded => format!("found && keccak256(answer) != {}", digest(seen)),
                None => "found".to_owned(),
            };
            let _ = writeln!(
                body,
                "        (bool found, bytes memory answer) = {target}.staticcall(hex\"{data}\");"
            );
            let _ = writeln!(
                body,
                "        require({condition}, \"says what it must not say\");"
            );
            true
        }
        Evidence::Trial {
            from,
            to,
            value,
            input,
            timestamp,
            ..
        } => {
            let Some(assert) = assertion(finding, seen, expected, true) else {
                return false;
            };
            let _ = writeln!(body, "        enterBlock(block.number, {timestamp});");
            let _ = writeln!(
                body,
                "        (accepted, events) = {};",
                sent(*from, *to, *value, input)
            );
            let _ = writeln!(body, "        {assert}");
            true
        }
        Evidence::Transaction | Evidence::Audit | Evidence::Run => false,
    }
}

/// Whether what was done and what was emitted are the same.
fn same(seen: &Seen, expected: &Seen) -> bool {
    seen.succeeded == expected.succeeded && seen.logs == expected.logs
}

/// Whether the rule says that the call must be accepted, or refused.
fn demanded(finding: &Finding) -> Option<bool> {
    let detail = &finding.broken.detail;
    if detail.contains("must be refused") {
        Some(false)
    } else if detail.contains("must be accepted") {
        Some(true)
    } else {
        None
    }
}

/// A transaction in words.
fn described(finding: &Finding, place: usize, transaction: &TracedTransaction, seen: &Seen) -> String {
    let function = seen.function.unwrap_or("call");
    let outcome = if seen.succeeded { "" } else { ", refused" };
    let who = finding.participants.name(transaction.from);
    format!("{}: {function} of {who}{outcome}", place + 1)
}

/// A name as Solidity has it.
fn identifier(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    words.map(word).collect()
}

fn one_line(text: &str) -> String {
    crate::text::line(text).into_owned()
}

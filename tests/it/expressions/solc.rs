//! Equality with Solidity's compiler and the EVM: the same expressions, compiled by solc and run on the embedded EVM, give the
//! same bytes, revert where ours fail, and call with the same calldata.

use std::{fmt::Write, fs, path::Path};

use alloy::{
    json_abi::JsonAbi,
    primitives::{Address, B256, Bytes, U256, hex, keccak256},
    sol_types::SolValue,
};
use taskstorm::{
    chain::embedded::{Evm, Message, Outcome, Status},
    hardfork::Hardfork,
    protocol::profile::expression::{
        Answers, CallTemplate, ContractId, Environment, Expression, Scope, Source, Type, Value, Variable,
    },
};

use super::support::{QUESTION, Seeded, World, task};
use crate::support::node;

/// Expressions that are Solidity as they stand, each of a type that Solidity's compiler must agree to.
const EXPRESSIONS: [&str; 98] = [
    // Literals.
    "1 ether + 2 gwei + 3 wei",
    "0.01 ether",
    "2 days - 1 seconds",
    "0.5 * 3 * 2",
    "1 / uint256(3) * 3",
    "2 ** 255 - 1 + 2 ** 255",
    "-2 ** 255",
    "7 % 4 + 1_000",
    "1 << 200 >> 198",
    "~0",
    "-7 / 2 * 2",
    "-7 >> 1",
    "0xff & 0x0f | 0x30 ^ 0x5",
    "1 < 2 == true",
    "\"text\"",
    "unicode\"é\\n\\x41\\u00e9\"",
    "\"a\" \"b\"",
    "type(uint8).max",
    "type(int256).min",
    "type(int24).max",
    // Arithmetic, and its width.
    "task.small + 55",
    "task.small + 56",
    "task.small + 256",
    "task.small - 201",
    "task.small * 2",
    "task.bond - 1001",
    "task.bond / (task.bond - 1000)",
    "task.bond % (task.bond - 1000)",
    "task.bond % 7",
    "task.bond ** 3",
    "task.bond ** 26",
    "task.small ** 2",
    "2 ** task.small",
    "(-2) ** task.small",
    "2 ** (task.small + uint256(56))",
    "-task.loss",
    "-(task.loss - 28)",
    "task.loss - 29",
    "task.loss * 2",
    "task.loss / 7",
    "task.loss % 7",
    "type(int8).min / (task.loss + 99)",
    "type(int8).min / int8(-1)",
    "type(int256).min % int256(-1)",
    "task.loss >> 1",
    "task.loss >> 300",
    "task.loss << 1",
    "1 << task.small",
    "task.small << 1",
    "task.small << 300",
    "task.small >> 3",
    "~task.small",
    "~task.loss",
    "task.small & 15 | 64 ^ task.small",
    "2 ** 3 ** 2",
    "10 - 3 - 2",
    "1 + 2 * 3 == 7 && !(5 <= 4) || false",
    // Comparisons and conditions.
    "task.loss < 0",
    "task.loss >= task.loss",
    "int16(uint16(task.small)) > task.loss ? 1 : 2",
    "task.open ? task.small : task.bond",
    "task.open || 1 / (task.bond - 1000) == 1",
    "task.open && 1 / (task.bond - 1000) == 1",
    "sender == task.asker || sender != address(0)",
    "task.asker < sender",
    "task.tag > bytes4(0x11223343)",
    "task.open ? \"yes\" : \"no\"",
    "task.open == true",
    // Conversions.
    "uint8(task.bond)",
    "uint8(uint256(question))",
    "int8(task.small)",
    "int256(task.loss)",
    "uint8(task.loss)",
    "int16(int256(task.bond) * 100)",
    "bytes32(task.tag)",
    "bytes2(task.tag)",
    "uint32(task.tag)",
    "bytes32(uint256(5))",
    "bytes4(0x12345678)",
    "bytes8(\"abc\")",
    "bytes4(hex\"1234\")",
    "bytes32(task.data)",
    "bytes2(task.data)",
    "bytes20(task.asker)",
    "uint256(uint160(task.asker))",
    "address(uint160(task.bond))",
    "address(bytes20(bytes32(task.bond << 200)))",
    // `bytesN`.
    "task.tag >> 8",
    "task.tag << 8",
    "task.tag << 256",
    "~task.tag",
    "task.tag & bytes2(0xff0f) | bytes8(0xff00ff00ff00ff00)",
    "task.tag[3]",
    "question[31]",
    // Members.
    "task.list[1] + task.list.length",
    "task.list[task.list.length]",
    "task.data[3]",
    "bytes(task.note).length",
];

/// Expressions that give bytes or hashes.
const BYTES: [&str; 24] = [
    "abi.encode(task.small, task.note, task.list)",
    "abi.encode(1, -1, true, \"text\", question)",
    "abi.encode(task.words, task.workers, task.data)",
    "abi.encode()",
    "abi.encode([1, 2, 300])",
    "abi.encodePacked(task.small, task.tag, task.open, task.asker, task.note, task.loss)",
    "abi.encodePacked(task.list, task.words)",
    "abi.encodePacked(task.small + 1, uint16(task.small) << 1, -task.loss)",
    "abi.encodePacked(task.open ? 1 : task.small)",
    "abi.encodePacked(2 ** task.small >> 200)",
    "abi.encodePacked(\"text\", hex\"00ff\", task.data)",
    "abi.encodeWithSelector(oracle.submitAnswer.selector, question, task.bond)",
    "abi.encodeWithSelector(0x12345678, task.note)",
    "abi.encodeWithSignature(\"transfer(address,uint256)\", sender, 1 ether)",
    "abi.encodeCall(oracle.submitAnswer, (question, mine.answer, task.small))",
    "abi.encodeCall(oracle.one, 5)",
    "bytes.concat(task.data, task.tag, \"x\", hex\"00\")",
    "bytes(string.concat(task.note, \", \", \"world\"))",
    "abi.encode(keccak256(\"\"), keccak256(task.data), sha256(abi.encodePacked(task.note)))",
    "abi.encode(keccak256(abi.encode(keccak256(\"Answer(bytes32 question,uint256 bond)\"), question, task.bond)))",
    "abi.encode(keccak256(abi.encodePacked(\"\\x19Ethereum Signed Message:\\n32\", question)))",
    "abi.encode(block.timestamp, block.number, block.chainid, sender, address(oracle))",
    "abi.encode(oracle.one.selector, oracle.many.selector)",
    "abi.encode(task.open ? task.data : bytes(task.note))",
];

/// Calls whose arguments are converted, and whose overload is chosen, as the compiler does.
const CALLS: [&str; 10] = [
    "oracle.submitAnswer(question, mine.answer, task.small)",
    "oracle.submitAnswer({bond: 1 ether, question: question, answer: \"yes\"})",
    "oracle.submitAnswer(0x1111111111111111111111111111111111111111111111111111111111111111, 0, 0)",
    "oracle.set(task.note)",
    "oracle.set(question)",
    "oracle.set(task.bond)",
    "oracle.set(question, task.bond)",
    "oracle.one(task.small)",
    "oracle.many(task.list, task.words, task.workers, task.data, \"note\")",
    "oracle.account(payable(sender), address(oracle), hex\"1234\", task.tag)",
];

const SOURCE: &str = r#"
// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

struct Worker { address worker; uint256 deadline; }

interface Oracle {
    event Answered(bytes32 indexed question, uint256 bond);
    function submitAnswer(bytes32 question, bytes32 answer, uint256 bond) external;
    function set(string calldata value) external;
    function set(bytes32 value) external;
    function set(uint256 value) external;
    function set(bytes32 value, uint256 other) external;
    function one(uint16 value) external;
    function many(uint256[] calldata a, bytes32[2] calldata b, Worker[] calldata c, bytes calldata d, string calldata e) external;
    function account(address payable a, address b, bytes32 c, bytes8 d) external;
}

contract Echo {
    bytes public last;
    fallback() external { last = msg.data; }
}

abstract contract Known {
    struct Task {
        uint256 bond; uint8 small; int8 loss; bytes4 tag; bool open; address asker; bytes data; string note;
        uint256[] list; bytes32[2] words; Worker[] workers;
    }
    struct Mine { bytes32 answer; bytes32 salt; }

    Oracle immutable oracle;
    constructor(Oracle deployed) { oracle = deployed; }

    function known() internal pure returns (Task memory task) {
        (task.bond, task.small, task.loss, task.tag, task.open) = (1000, 200, -100, 0x11223344, true);
        (task.asker, task.data, task.note) = (address(7), hex"010203ff", "hello");
        task.list = new uint256[](3);
        (task.list[0], task.list[1], task.list[2]) = (3, 5, 8);
        task.words[0] = 0x1111111111111111111111111111111111111111111111111111111111111111;
        task.workers = new Worker[](2);
        (task.workers[0], task.workers[1]) = (Worker(address(1), 10), Worker(address(2), 20));
    }
"#;

/// Functions of one contract: more do not fit the code limit.
const BATCH: usize = 20;

/// What each function begins with: the names that expressions use.
const NAMES: &str = "Task memory task = known(); Mine memory mine; mine.answer = bytes32(uint256(0x2222222222222222222222222222222222222222222222222222222222222222)); bytes32 question = task.words[0]; address sender = msg.sender;";

/// The surroundings of the expressions, with the contract where the EVM has it.
struct OnChain {
    world: World,
    oracle: Address,
}

impl Environment for OnChain {
    fn value(&self, variable: Variable) -> Option<Value> {
        self.world.value(variable)
    }
    fn value_of_task(&self, task: usize, variable: Variable) -> Option<Value> {
        self.world.value_of_task(task, variable)
    }
    fn tasks(&self) -> usize {
        0
    }
    fn sender(&self) -> Address {
        self.world.sender()
    }
    fn contract(&self, _: ContractId) -> Option<Address> {
        Some(self.oracle)
    }
    fn timestamp(&self) -> u64 {
        self.world.timestamp()
    }
    fn block_number(&self) -> u64 {
        self.world.block_number()
    }
    fn chain_id(&self) -> u64 {
        self.world.chain_id()
    }
    fn sign(&self, account: Address, digest: B256) -> Option<[u8; 65]> {
        self.world.sign(account, digest)
    }
}

/// The contracts as solc compiled them.
struct Compiled(serde_json::Value);

impl Compiled {
    fn of(source: &str) -> Self {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("Expressions-{}.sol", keccak256(source)));
        fs::write(&path, source).expect("a file");
        let path = path.to_str().expect("a path of text");
        let output = node::run("tests/it/expressions/compile.mjs", &[path]);
        assert!(output.status.success(), "{}", node::stderr(&output));
        let output: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let errors = output["errors"].as_array().into_iter().flatten();
        let errors: Vec<_> = errors.filter(|error| error["severity"] == "error").collect();
        let texts: Vec<_> = errors
            .iter()
            .filter_map(|error| error["formattedMessage"].as_str())
            .collect();
        assert!(texts.is_empty(), "{}", texts.join("\n"));
        Self(output["contracts"]["Expressions.sol"].clone())
    }

    fn abi(&self, contract: &str) -> JsonAbi {
        serde_json::from_value(self.0[contract]["abi"].clone()).expect("an ABI")
    }

    fn bytecode(&self, contract: &str) -> Vec<u8> {
        hex::decode(
            self.0[contract]["evm"]["bytecode"]["object"]
                .as_str()
                .expect("a bytecode"),
        )
        .expect("hex")
    }
}

fn scope_of(oracle: JsonAbi) -> Scope {
    let mut scope = Scope::new();
    scope.key("question", Type::WORD).expect("a key");
    for (name, ty, _) in task() {
        scope
            .task(name, Type::parse(ty).expect("a type"))
            .expect("a field");
    }
    scope.mine("answer", Type::WORD).expect("a name");
    scope.contract("oracle", oracle).expect("a contract");
    scope.with_sender()
}

/// An interface of the source, compiled alone, whose ABI types the expressions of the other functions.
fn oracle_abi() -> JsonAbi {
    Compiled::of(&format!("{SOURCE}}}")).abi("Oracle")
}

fn send(evm: &mut Evm, from: Address, to: Option<Address>, data: Vec<u8>) -> Outcome {
    let message = Message {
        from,
        to,
        value: U256::ZERO,
        data: data.into(),
    };
    evm.transact(message).expect("a valid transaction")
}

#[test]
fn expressions_are_what_the_compiler_makes_of_them() {
    let scope = scope_of(oracle_abi());
    let all = || EXPRESSIONS.iter().chain(&BYTES);
    let mut functions = Vec::new();
    for text in all() {
        let expression = Expression::parse(text, &scope).unwrap_or_else(|error| panic!("{text}: {error}"));
        let ty = expression.ty();
        let place = if ty.is_word() { "" } else { " memory" };
        functions.push(format!(
            "external view returns ({ty}{place}) {{ {NAMES} return {text}; }}"
        ));
    }
    for text in CALLS {
        let echo = "return Echo(address(oracle)).last();";
        functions.push(format!(
            "external returns (bytes memory) {{ {NAMES} {text}; {echo} }}"
        ));
    }
    let mut source = format!("{SOURCE}}}\n");
    for (number, batch) in functions.chunks(BATCH).enumerate() {
        let begin =
            format!("contract Batch{number} is Known {{ constructor(Oracle deployed) Known(deployed) {{}}");
        writeln!(source, "{begin}").expect("a string");
        for (number, function) in batch.iter().enumerate() {
            writeln!(source, "function f{number}() {function}").expect("a string");
        }
        source.push_str("}\n");
    }
    let compiled = Compiled::of(&source);

    let world = World::new();
    let sender = world.sender();
    let mut evm = Evm::new(Hardfork::Cancun, world.chain_id());
    evm.set_block(world.block_number(), world.timestamp());
    let mut deploy = |contract: &str, arguments: Vec<u8>| {
        let code = [compiled.bytecode(contract), arguments].concat();
        let outcome = send(&mut evm, sender, None, code);
        outcome
            .created
            .unwrap_or_else(|| panic!("{contract}: {:?}", outcome.status))
    };
    let oracle = deploy("Echo", Vec::new());
    let batches = functions.chunks(BATCH).enumerate();
    let batches: Vec<_> = batches
        .map(|(number, _)| deploy(&format!("Batch{number}"), oracle.abi_encode()))
        .collect();
    let environment = OnChain { world, oracle };
    assert_eq!(environment.world.values[&(Source::Key, 0)], QUESTION.into());

    // What a function returned; `None` if it reverted.
    let mut run = |number: usize| {
        let selector = keccak256(format!("f{}()", number % BATCH))[..4].to_vec();
        let outcome = send(&mut evm, sender, Some(batches[number / BATCH]), selector);
        (outcome.status == Status::Success).then_some(outcome.output)
    };
    let mut failed = 0;
    for (number, text) in all().enumerate() {
        let ours = Expression::parse(&format!("abi.encode({text})"), &scope).expect("an expression");
        let ours = ours.evaluate(&environment, &mut Seeded::new(1), &Answers::new());
        let theirs = run(number);
        match (&ours, &theirs) {
            (Ok(ours), Some(theirs)) => assert_eq!(ours.as_bytes(), Some(theirs), "{text}"),
            (Err(_), None) => failed += 1,
            _ => panic!("{text}: {ours:?}, compiled {theirs:?}"),
        }
    }
    // Of both kinds there are enough to mean something.
    assert!((15..40).contains(&failed), "{failed} fail");
    for (number, text) in CALLS.iter().enumerate() {
        let template = CallTemplate::parse(text, &scope).unwrap_or_else(|error| panic!("{text}: {error}"));
        let ours = template
            .evaluate(&environment, &mut Seeded::new(1), &Answers::new())
            .expect("a call");
        let theirs = run(all().count() + number).unwrap_or_else(|| panic!("{text} reverted"));
        let theirs = Bytes::abi_decode(&theirs).expect("bytes");
        assert_eq!((ours.to, ours.calldata), (oracle, theirs), "{text}");
    }
}

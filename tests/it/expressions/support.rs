//! A question market to evaluate expressions in: a task, an event, contracts, an account with a key.

use std::collections::BTreeMap;

use alloy::{
    json_abi::JsonAbi,
    primitives::{Address, B256, Bytes, U256, address, b256},
    signers::{SignerSync, local::PrivateKeySigner},
};
use rand::{Rng, SeedableRng, rngs::ChaCha8Rng};
use taskstorm::protocol::profile::expression::{
    Answers, ContractId, Draws, Environment, EvaluationError, Expression, Read, Scope, Source, Type, Value,
    Variable,
};

pub(super) const ORACLE: Address = address!("00000000000000000000000000000000000000aa");
pub(super) const TOKEN: Address = address!("00000000000000000000000000000000000000bb");
pub(super) const QUESTION: B256 = b256!("1111111111111111111111111111111111111111111111111111111111111111");

/// The contracts in Solidity's own words, read by alloy.
const ORACLE_ABI: [&str; 12] = [
    "function askQuestion(uint256 template, string question, address arbitrator, uint32 timeout, uint32 opening, uint256 nonce) payable returns (bytes32)",
    "function submitAnswer(bytes32 question, bytes32 answer, uint256 maxPrevious) payable",
    "function claim(bytes32[] questions, address to)",
    "function assign((address,uint256)[] tasks)",
    "function set(uint256 value)",
    "function set(bytes32 value)",
    "function put(uint8 value)",
    "function put(uint256 value)",
    "function bondOf(bytes32 question) view returns (uint256)",
    "function infoOf(bytes32 question) view returns (address asker, uint64 deadline, bytes32[] history)",
    "function isOpen(bytes32 question, uint256 bond) view returns (bool)",
    "event LogNewQuestion(bytes32 indexed question_id, address indexed user, string question, bytes32 indexed content_hash, uint64 ts)",
];

const TOKEN_ABI: [&str; 2] = [
    "function balanceOf(address account) view returns (uint256)",
    "function transfer(address to, uint256 amount) returns (bool)",
];

pub(super) fn abi(items: &[&str]) -> JsonAbi {
    JsonAbi::parse(items.iter().copied()).expect("an ABI")
}

fn parse(ty: &str) -> Type {
    Type::parse(ty).expect("a type")
}

/// A scope of an answerer who handles `LogNewQuestion`.
pub(super) fn scope() -> Scope {
    let mut scope = Scope::new();
    let oracle = abi(&ORACLE_ABI);
    scope
        .event(&oracle.events["LogNewQuestion"][0])
        .expect("an event");
    scope.key("question", Type::WORD).expect("a key");
    for (name, ty, _) in task() {
        scope.task(name, parse(ty)).expect("a field");
    }
    scope.mine("answer", Type::WORD).expect("a name");
    scope.mine("salt", Type::WORD).expect("a name");
    scope.parameter("payload", Type::UINT).expect("a parameter");
    scope.contract("oracle", oracle).expect("a contract");
    scope.contract("token", abi(&TOKEN_ABI)).expect("a contract");
    scope.with_sender()
}

/// The fields of the task with their values.
pub(super) fn task() -> Vec<(&'static str, &'static str, Value)> {
    let worker = |last: u8, deadline: u64| {
        Value::from(vec![Value::from(Address::with_last_byte(last)), deadline.into()])
    };
    vec![
        ("bond", "uint256", 1_000_u64.into()),
        ("small", "uint8", 200_u64.into()),
        ("loss", "int8", Value::Word(U256::MAX - U256::from(99))),
        ("tag", "bytes4", Value::Word(U256::from(0x1122_3344_u64) << 224)),
        ("open", "bool", true.into()),
        ("asker", "address", Address::with_last_byte(7).into()),
        (
            "data",
            "bytes",
            Value::Bytes(Bytes::from_static(b"\x01\x02\x03\xff")),
        ),
        ("note", "string", "hello".into()),
        (
            "list",
            "uint256[]",
            vec![Value::from(3_u64), 5_u64.into(), 8_u64.into()].into(),
        ),
        (
            "words",
            "bytes32[2]",
            vec![Value::from(QUESTION), Value::from(B256::ZERO)].into(),
        ),
        (
            "workers",
            "(address,uint256)[]",
            vec![worker(1, 10), worker(2, 20)].into(),
        ),
    ]
}

/// Values of the surroundings. What `values` does not hold has no value yet.
pub(super) struct World {
    pub(super) values: BTreeMap<(Source, usize), Value>,
    /// The fields of each task that sums go over.
    pub(super) tasks: Vec<Vec<Value>>,
    pub(super) signer: PrivateKeySigner,
}

impl World {
    pub(super) fn new() -> Self {
        let mut values = BTreeMap::new();
        values.insert((Source::Key, 0), QUESTION.into());
        for (index, (_, _, value)) in task().into_iter().enumerate() {
            values.insert((Source::Task, index), value);
        }
        values.insert((Source::Mine, 0), B256::repeat_byte(0x22).into());
        values.insert((Source::Event, 4), 1_700_000_000_u64.into());
        values.insert((Source::Parameter, 0), 5_u64.into());
        Self {
            values,
            tasks: Vec::new(),
            signer: PrivateKeySigner::from_bytes(&B256::repeat_byte(1)).expect("a key"),
        }
    }
}

impl Environment for World {
    fn value(&self, variable: Variable) -> Option<Value> {
        self.values.get(&(variable.source, variable.index)).cloned()
    }

    fn value_of_task(&self, task: usize, variable: Variable) -> Option<Value> {
        match variable.source {
            Source::Key | Source::Task => self.tasks[task].get(variable.index).cloned(),
            _ => self.value(variable),
        }
    }

    fn tasks(&self) -> usize {
        self.tasks.len()
    }

    fn sender(&self) -> Address {
        self.signer.address()
    }

    fn contract(&self, contract: ContractId) -> Option<Address> {
        [ORACLE, TOKEN].get(contract.0).copied()
    }

    fn timestamp(&self) -> u64 {
        1_800_000_000
    }

    fn block_number(&self) -> u64 {
        17
    }

    fn chain_id(&self) -> u64 {
        31_337
    }

    fn sign(&self, account: Address, digest: B256) -> Option<[u8; 65]> {
        let signature = (account == self.sender()).then(|| self.signer.sign_hash_sync(&digest));
        signature.map(|signature| signature.expect("a signature").as_bytes())
    }
}

/// Draws from a fixed seed.
pub(super) struct Seeded {
    rng: ChaCha8Rng,
    next: u64,
}

impl Seeded {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            next: 0,
        }
    }
}

impl Draws for Seeded {
    fn rng(&mut self) -> &mut dyn Rng {
        &mut self.rng
    }

    fn unique(&mut self) -> U256 {
        self.next += 1;
        U256::from(self.next)
    }
}

/// Evaluates an expression that reads nothing.
pub(super) fn evaluate(text: &str, scope: &Scope, world: &World) -> Result<Value, EvaluationError> {
    let expression = Expression::parse(text, scope).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut answers = Answers::new();
    assert_eq!(expression.reads(world, &mut answers), []);
    expression.evaluate(world, &mut Seeded::new(1), &answers)
}

/// A value for a table: words in decimal if they are small, else in hexadecimal.
pub(super) fn shown(value: &Value, ty: &Type) -> String {
    match (value, ty) {
        (Value::Word(word), Type::Bool) => (!word.is_zero()).to_string(),
        (Value::Word(word), Type::Uint(_)) => word.to_string(),
        (Value::Word(word), Type::Int(_)) => alloy::primitives::I256::from_raw(*word).to_string(),
        (Value::Word(word), Type::FixedBytes(size)) => {
            Bytes::copy_from_slice(&word.to_be_bytes::<32>()[..usize::from(*size)]).to_string()
        }
        (Value::Word(word), _) => Address::from_word((*word).into()).to_string(),
        (Value::Bytes(bytes), Type::String) => format!("{:?}", String::from_utf8_lossy(bytes)),
        (Value::Bytes(bytes), _) => bytes.to_string(),
        (Value::List(values), ty) => {
            let of = |index: usize| match ty {
                Type::Array(element) | Type::FixedArray(element, _) => (**element).clone(),
                Type::Tuple(tuple) => tuple.members[index].ty.clone(),
                _ => unreachable!("a list has no type of one word"),
            };
            let values = values
                .iter()
                .enumerate()
                .map(|(index, value)| shown(value, &of(index)));
            format!("[{}]", values.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Answers the reads of a round by a function.
pub(super) fn answer(reads: &[Read], answers: &mut Answers, with: impl Fn(&Read) -> Result<Bytes, String>) {
    for read in reads {
        answers.set(read, with(read));
    }
}

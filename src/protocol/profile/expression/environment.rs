//! The surroundings of an evaluation: values of variables, randomness, and the results of reads.

use alloy::primitives::{Address, B256, Bytes, U256};
use rand::Rng;

use super::{
    scope::{ContractId, Variable},
    value::Value,
};

/// The values that an expression is evaluated with. None of it changes during an evaluation.
pub trait Environment {
    /// The value of a variable; `None` if it has none yet.
    fn value(&self, variable: Variable) -> Option<Value>;

    /// The value of a variable at one of the tasks that `sum`, `count` and `list` go over, below [`tasks`](Self::tasks): the
    /// task's own, or for one that is the same for all tasks as of [`value`](Self::value); `None` if it has none yet.
    fn value_of_task(&self, task: usize, variable: Variable) -> Option<Value>;

    /// How many tasks `sum`, `count` and `list` go over.
    fn tasks(&self) -> usize;

    /// The account that acts: `sender`.
    fn sender(&self) -> Address;

    /// The address of a contract; `None` before it is deployed.
    fn contract(&self, contract: ContractId) -> Option<Address>;

    /// `block.timestamp` in seconds.
    fn timestamp(&self) -> u64;

    /// `block.number`
    fn block_number(&self) -> u64;

    /// `block.chainid`
    fn chain_id(&self) -> u64;

    /// The signature of a digest, r ‖ s ‖ v with `v` of 27 or 28; `None` if the account's key is not known.
    fn sign(&self, account: Address, digest: B256) -> Option<[u8; 65]>;
}

/// What an evaluation draws: random values, and values that no other evaluation gets.
pub trait Draws {
    /// The source of random values.
    fn rng(&mut self) -> &mut dyn Rng;

    /// The next value of `unique()`.
    fn unique(&mut self) -> U256;
}

/// A read of the chain that an expression needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The read among those of its expression.
    pub index: usize,
    /// The contract, or the account whose balance is read.
    pub address: Address,
    /// What is read there.
    pub kind: ReadRequest,
}

/// What is read at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadRequest {
    /// The balance in wei, answered as one 32-byte word.
    Balance,
    /// The return data of a call with this calldata.
    Call(Bytes),
}

/// The results of the reads of one expression.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    pub(super) values: Vec<Option<Result<Value, super::error::EvaluationError>>>,
    /// What the nodes answered, not decoded yet.
    pub(super) raw: Vec<Option<Result<Bytes, String>>>,
}

impl Answers {
    /// No results yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Enters the result of a read: the return data, or why there is none. A failed read fails the evaluation only if its
    /// value is used.
    pub fn set(&mut self, read: &Read, result: Result<Bytes, String>) {
        if self.raw.len() <= read.index {
            self.raw.resize(read.index + 1, None);
        }
        self.raw[read.index] = Some(result);
    }

    pub(super) fn get(&self, index: usize) -> Option<&Result<Value, super::error::EvaluationError>> {
        self.values.get(index).and_then(Option::as_ref)
    }
}

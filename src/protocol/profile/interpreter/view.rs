//! The surroundings in which the expressions of a profile are evaluated.

use alloy::primitives::{Address, B256};
use secp256k1::{Message, Secp256k1, SecretKey, SignOnly};

use super::{
    super::{
        definition::Definition,
        expression::{ContractId, Environment, Source, Value, Variable},
    },
    state::Task,
    world::World,
};

/// What an expression is evaluated in; what there is none of has no value.
#[derive(Clone, Debug)]
pub(super) struct View<'a> {
    pub(super) world: &'a World,
    pub(super) key: Option<&'a [Value]>,
    pub(super) task: Option<&'a [Option<Value>]>,
    pub(super) mine: Option<&'a [Option<Value>]>,
    pub(super) actor: Option<&'a [Option<Value>]>,
    pub(super) shared: &'a [Option<Value>],
    pub(super) event: Option<&'a [Value]>,
    /// What the call returned.
    pub(super) result: Option<&'a Value>,
    pub(super) sender: Address,
    pub(super) number: u64,
    pub(super) timestamp: u64,
    pub(super) payload: Option<u64>,
    /// The tasks that the actor submitted before.
    pub(super) submitted: Option<u64>,
    pub(super) index: Option<u32>,
    pub(super) account: Option<Address>,
    /// The account that submitted the task.
    pub(super) opener: Option<Address>,
    /// The tasks that `sum`, `count` and `list` go over.
    pub(super) tasks: Vec<&'a Task>,
}

impl<'a> View<'a> {
    /// A view of nothing but the world.
    pub(super) fn of(world: &'a World) -> Self {
        Self {
            world,
            key: None,
            task: None,
            mine: None,
            actor: None,
            shared: &[],
            event: None,
            result: None,
            sender: world.deployer,
            number: 0,
            timestamp: 0,
            payload: None,
            submitted: None,
            index: None,
            account: None,
            opener: None,
            tasks: Vec::new(),
        }
    }

    /// The same with a task.
    pub(super) fn with_task(mut self, task: Option<&'a Task>) -> Self {
        self.key = task.map(|task| &*task.words);
        self.task = task.map(|task| &*task.fields);
        self.opener = task.and_then(|task| task.opener);
        self
    }

    fn parameter(&self, index: usize) -> Option<Value> {
        match index {
            Definition::PAYLOAD => self.payload.map(Value::from),
            Definition::SUBMITTED => self.submitted.map(Value::from),
            Definition::INDEX => self.index.map(|index| u64::from(index).into()),
            Definition::DEPLOYER => Some(self.world.deployer.into()),
            Definition::ACCOUNT => self.account.map(Value::from),
            Definition::OPENER => self.opener.map(Value::from),
            other => self.world.parameters.get(other)?.clone(),
        }
    }
}

impl Environment for View<'_> {
    fn value(&self, variable: Variable) -> Option<Value> {
        let index = variable.index;
        let known = |values: Option<&[Option<Value>]>| values?.get(index)?.clone();
        match variable.source {
            Source::Key => self.key?.get(index).cloned(),
            Source::Task => known(self.task),
            Source::Mine => known(self.mine),
            Source::Actor => known(self.actor),
            Source::Shared => known(Some(self.shared)),
            Source::Accounts => self.world.accounts.get(index).cloned(),
            Source::Event => self.event?.get(index).cloned(),
            Source::Parameter => self.parameter(index),
            Source::Result => self.result.cloned(),
        }
    }

    fn value_of_task(&self, task: usize, variable: Variable) -> Option<Value> {
        let task = self.tasks.get(task)?;
        match variable.source {
            Source::Key => task.words.get(variable.index).cloned(),
            Source::Task => task.fields.get(variable.index)?.clone(),
            Source::Parameter if variable.index == Definition::OPENER => task.opener.map(Value::from),
            _ => self.value(variable),
        }
    }

    fn tasks(&self) -> usize {
        self.tasks.len()
    }

    fn sender(&self) -> Address {
        self.sender
    }

    fn contract(&self, contract: ContractId) -> Option<Address> {
        self.world.addresses.get(contract.0).copied()
    }

    fn timestamp(&self) -> u64 {
        self.timestamp
    }

    fn block_number(&self) -> u64 {
        self.number
    }

    fn chain_id(&self) -> u64 {
        self.world.chain_id
    }

    fn sign(&self, account: Address, digest: B256) -> Option<[u8; 65]> {
        let key = SecretKey::from_byte_array(*self.world.key(account)?).ok()?;
        let context = Secp256k1::<SignOnly>::signing_only();
        let signature = context.sign_ecdsa_recoverable(Message::from_digest(digest.0), &key);
        let (recovery, compact) = signature.serialize_compact();
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&compact);
        bytes[64] = 27 + i32::from(recovery) as u8;
        Some(bytes)
    }
}

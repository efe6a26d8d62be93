//! Deployments: transactions of one account, in order. Some follow from what the chain says after those before them.

use std::{collections::BTreeMap, fmt::Debug, sync::Arc};

use alloy::primitives::{Address, Bytes, U256, hex};

use super::{DeployedContracts as _, Invocation, Protocol};

/// The transactions that deploy and connect the contracts, all from one account, in their order, and the contracts as they are
/// then.
#[derive(Clone, Debug)]
pub struct Deployed<P: Protocol> {
    /// The transactions.
    pub steps: Vec<DeploymentStep>,
    /// The contracts.
    pub contracts: P::Contracts,
}

/// A transaction of a deployment.
#[derive(Clone, Debug)]
pub struct DeploymentStep {
    /// What it is, for people, with its place in a file if it has one: "the constructor of `oracle` (market.toml:12)".
    pub name: String,
    /// The most gas that it may use.
    pub gas_limit: u64,
    /// Wei sent along; zero as long as it is not known.
    pub value: U256,
    /// The transaction.
    pub content: StepContent,
}

/// The transaction of a step.
#[derive(Clone, Debug)]
pub enum StepContent {
    /// It is known beforehand.
    Known(Invocation),
    /// It follows from reads of the chain, once the steps before it are in blocks.
    Late(Arc<dyn LateStep>),
}

/// A transaction that follows from reads of the chain.
pub trait LateStep: Debug + Send + Sync {
    /// The transaction, or what is still to be read for it.
    ///
    /// # Errors
    /// Why there is none.
    fn prepare(&self, answers: &StepAnswers) -> Result<Prepared, String>;
}

/// A read for a step: the contract (`None` for a program of its own) and the calldata.
pub type StepRead = (Option<Address>, Bytes);

impl<P: Protocol> Deployed<P> {
    /// The first contract that is to be on the chain already and where `read` finds no code, with its place in the profile.
    pub fn without_code(
        &self,
        mut read: impl FnMut(&StepRead) -> Result<Bytes, String>,
    ) -> Option<(String, Address)> {
        let is_empty = |size: Bytes| size.iter().all(|byte| *byte == 0);
        let mut expected = self.contracts.expected().into_iter();
        expected.find(|(_, address)| read(&code_size(*address)).is_ok_and(is_empty))
    }
}

/// The read of how many bytes of code are at an address.
fn code_size(address: Address) -> StepRead {
    // PUSH20 address, EXTCODESIZE, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN
    let program = [&[0x73][..], address.as_slice(), &hex!("3b60005260206000f3")].concat();
    (None, program.into())
}

/// What the reads for a step came to.
pub type StepAnswers = BTreeMap<StepRead, Result<Bytes, String>>;

impl dyn LateStep + '_ {
    /// The transaction, with what `read` reads for it.
    ///
    /// # Errors
    /// Why there is none.
    pub fn prepared(
        &self,
        mut read: impl FnMut(&StepRead) -> Result<Bytes, String>,
    ) -> Result<Invocation, String> {
        let mut answers = StepAnswers::new();
        loop {
            match self.prepare(&answers)? {
                Prepared::Transaction(invocation) => return Ok(invocation),
                Prepared::Reads(reads) => {
                    answers.extend(reads.into_iter().map(|step_read| {
                        let answer = read(&step_read);
                        (step_read, answer)
                    }));
                }
            }
        }
    }
}

/// How far a step is prepared.
#[derive(Clone, Debug)]
pub enum Prepared {
    /// These reads are to be made. There is at least one.
    Reads(Vec<StepRead>),
    /// It can be sent.
    Transaction(Invocation),
}

impl DeploymentStep {
    /// A step that is known beforehand.
    #[must_use]
    pub fn known(name: impl Into<String>, invocation: Invocation) -> Self {
        Self {
            name: name.into(),
            gas_limit: invocation.gas_limit,
            value: invocation.value,
            content: StepContent::Known(invocation),
        }
    }

    /// Why the step failed that used so much gas. `error` decodes its error data.
    pub fn failure(&self, gas_used: u64, error: impl FnOnce() -> String) -> String {
        match gas_used >= self.gas_limit {
            true => format!("out of gas: it used all {} that it may", self.gas_limit),
            false => error(),
        }
    }
}

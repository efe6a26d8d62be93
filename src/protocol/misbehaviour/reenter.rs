//! Robberies: a contract account that makes calls, and makes the latest again whenever it is paid.

use alloy::{
    primitives::{Address, Bytes, U256},
    sol_types::SolConstructor,
};

use self::artifact::{Reenter, Step as RobberStep};
use crate::protocol::Invocation;

mod artifact {
    #![allow(missing_docs, reason = "the macro writes items that no source documents")]

    alloy::sol!(
        #[sol(all_derives)]
        Reenter,
        "abi/adversary/Reenter.json"
    );
    pub(super) use Reenter::Step;
}

/// Gas for the contracts that a robbery creates, and for each of its calls.
const CREATION: u64 = 1_500_000;
const CALL: u64 = 1_200_000;

/// A call of a robbery.
#[derive(Clone, Debug)]
pub(crate) struct RobberyStep {
    /// The contract.
    pub(crate) to: Address,
    /// Wei sent along.
    pub(crate) value: U256,
    /// Calldata.
    pub(crate) input: Bytes,
    /// Whether its first argument is what the first call returned.
    pub(crate) of_first: bool,
}

/// The transaction that makes these calls from a contract of its own, and each of them again whenever that is paid.
pub(crate) fn robbery(steps: &[RobberyStep]) -> Invocation {
    let value = steps.iter().map(|step| step.value).sum();
    let gas_limit = CREATION + CALL * steps.len() as u64;
    let steps = steps.iter().map(|step| RobberStep {
        target: step.to,
        value: step.value,
        data: step.input.clone(),
        ofFirst: step.of_first,
    });
    let arguments = Reenter::constructorCall {
        steps: steps.collect(),
    };
    Invocation {
        to: None,
        value,
        input: [&Reenter::BYTECODE[..], &arguments.abi_encode()].concat().into(),
        gas_limit,
    }
}

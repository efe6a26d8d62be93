//! A case per custom error, each compared with the whole error data, arguments included. The tables together must
//! name exactly the errors of the ABIs, so an error that nobody can reach fails the test.

use std::collections::BTreeSet;

use alloy::{json_abi::JsonAbi, sol_types::SolError};
use taskstorm::chain::embedded::Status;

use super::{
    artifacts,
    world::{Contract, Sent, World},
};

mod pool;
mod queue;
mod session;

/// What a case provoked, and what it expected.
struct Refusal {
    sent: Sent,
    signature: &'static str,
    expected: Vec<u8>,
}

type Case = fn(&mut World) -> Refusal;

fn refusal<E: SolError>(sent: Sent, error: E) -> Refusal {
    Refusal {
        sent,
        signature: E::SIGNATURE,
        expected: error.abi_encode(),
    }
}

#[test]
fn every_custom_error_has_a_case_that_reaches_it() {
    let mut reached = BTreeSet::new();
    for case in [pool::CASES, queue::CASES, session::CASES].concat() {
        let Refusal {
            sent,
            signature,
            expected,
        } = case(&mut World::new());
        assert_eq!(
            sent.outcome.status,
            Status::Reverted,
            "{:?}: {signature}",
            sent.contract
        );
        assert_eq!(
            sent.outcome.output.as_ref(),
            expected,
            "{:?}: {signature}",
            sent.contract
        );
        reached.insert((sent.contract, signature.to_owned()));
    }
    let mut declared = BTreeSet::new();
    for contract in [Contract::NodePool, Contract::SessionV2, Contract::SessionQueueV2] {
        let abi: JsonAbi = artifacts::read(&format!("{contract:?}")).abi;
        declared.extend(abi.errors().map(|error| (contract, error.signature())));
    }
    assert_eq!(reached, declared);
}

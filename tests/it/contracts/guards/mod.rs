//! Every guard of every function: a table per custom error, with each function that must give it. `errors` reaches each
//! error once; these tables reach it wherever it guards something.

use alloy::{
    primitives::{Address, U256},
    sol_types::{SolCall, SolError},
};
use taskstorm::chain::embedded::Status;

use super::world::{Contract, Sent, World};

mod access;
mod arguments;
mod binding;
mod existence;
mod phases;

/// A transaction that a table tries: the function's signature, the contract and the calldata.
#[derive(Clone, Debug)]
struct Attempt {
    function: &'static str,
    contract: Contract,
    data: Vec<u8>,
}

impl Attempt {
    fn new<C: SolCall>(contract: Contract, call: &C) -> Self {
        Self {
            function: C::SIGNATURE,
            contract,
            data: call.abi_encode(),
        }
    }

    fn send(&self, world: &mut World, from: Address) -> Sent {
        world.send(from, self.contract, 0, self.data.clone())
    }

    /// Sends it and compares the whole revert data with `error`.
    #[track_caller]
    fn refused<E: SolError>(&self, world: &mut World, from: Address, error: &E) {
        let outcome = self.send(world, from).outcome;
        assert_eq!(outcome.status, Status::Reverted, "{} accepts", self.function);
        assert_eq!(
            outcome.output.as_ref(),
            error.abi_encode(),
            "{}: not {}",
            self.function,
            E::SIGNATURE
        );
    }
}

fn pool<C: SolCall>(call: C) -> Attempt {
    Attempt::new(Contract::NodePool, &call)
}

fn session<C: SolCall>(call: C) -> Attempt {
    Attempt::new(Contract::SessionV2, &call)
}

fn queue<C: SolCall>(call: C) -> Attempt {
    Attempt::new(Contract::SessionQueueV2, &call)
}

fn number(value: u64) -> U256 {
    U256::from(value)
}

//! A contract that plays a session's owner or a miner, and misbehaves when it is paid.

use alloy::{primitives::Address, sol_types::SolCall};
use taskstorm::chain::embedded::{Message, Outcome};

use super::{
    bindings::Receiver,
    world::{Contract, Sent, World, deploy},
};

#[derive(Clone, Copy, Debug)]
pub(super) struct Double {
    pub(super) address: Address,
}

impl Double {
    pub(super) fn deploy(world: &mut World) -> Self {
        Self {
            address: deploy(&mut world.chain, world.deployer, &Receiver::BYTECODE, &[]),
        }
    }

    /// Calls the session contract as this contract.
    pub(super) fn forward(self, world: &mut World, call: impl SolCall) -> Sent {
        self.forward_to(world, Contract::SessionV2, call)
    }

    pub(super) fn forward_to(self, world: &mut World, contract: Contract, call: impl SolCall) -> Sent {
        let call = Receiver::forwardCall {
            target: world.address(contract),
            data: call.abi_encode().into(),
        };
        Sent {
            contract,
            outcome: self.tell(world, call),
        }
    }

    /// Refuses payments from now on.
    pub(super) fn refuse(self, world: &mut World) {
        self.tell(world, Receiver::setRefusesCall { refuses_: true });
    }

    /// Calls the session contract again whenever it pays.
    pub(super) fn call_back(self, world: &mut World, call: impl SolCall) {
        let call = Receiver::armCall {
            target: world.session,
            callback: call.abi_encode().into(),
        };
        self.tell(world, call);
    }

    pub(super) fn payments(self, world: &mut World) -> u64 {
        let outcome = self.tell(world, Receiver::paymentsCall {});
        Receiver::paymentsCall::abi_decode_returns(&outcome.output)
            .expect("a number")
            .to()
    }

    pub(super) fn callback_succeeded(self, world: &mut World) -> bool {
        let outcome = self.tell(world, Receiver::callbackSucceededCall {});
        Receiver::callbackSucceededCall::abi_decode_returns(&outcome.output).expect("a bool")
    }

    fn tell(self, world: &mut World, call: impl SolCall) -> Outcome {
        let (from, data) = (world.deployer, call.abi_encode().into());
        let message = Message {
            from,
            to: Some(self.address),
            data,
            ..Message::default()
        };
        world.chain.transact(message)
    }
}

//! Calldata that no honest actor sends.

use alloy::{primitives::U256, sol_types::SolCall};

use super::{Contracts, bindings::SessionV2 as Session, encode::create};
use crate::protocol::{Call, DishonestCall, NewSession, Reference, RobberyStep, robbery};

impl Contracts {
    /// A session of a contract that gets these wei, and of which half is withdrawn: once more whenever it is paid.
    pub(in super::super) fn robbery(&self, wei: U256) -> DishonestCall<Reference> {
        let to = self.addresses.session;
        let step = |value, input, of_first| RobberyStep {
            to,
            value,
            input,
            of_first,
        };
        let terms = NewSession {
            name: "robbed".to_owned(),
            min_nodes: 1,
            max_nodes: 1,
            redundancy: 1,
            mode: 2,
            reserve: false,
        };
        let session = U256::ZERO;
        let deposit = Session::depositToSessionCall { sessionId: session };
        let withdraw = Session::withdrawFromSessionCall {
            sessionId: session,
            amount: wei / U256::from(2),
        };
        let steps = [
            step(U256::ZERO, create(&terms), false),
            step(wei, deposit.abi_encode().into(), true),
            step(U256::ZERO, withdraw.abi_encode().into(), true),
        ];
        DishonestCall {
            call: Call::FillNonce,
            edited: Some(robbery(&steps)),
        }
    }
}

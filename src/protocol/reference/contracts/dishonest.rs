//! Calldata that no honest actor sends.

use alloy::{
    primitives::{Bytes, U256},
    sol_types::{SolCall, SolValue},
};

use super::{
    Contracts, Invocation,
    bindings::{SessionQueueV2 as Queue, SessionV2 as Session},
    encode::{create, ids},
};
use crate::protocol::{Call, DishonestCall, NewSession, Reference, RobberyStep, TaskKey, robbery};

/// What `SessionV2.submit` takes beside the queue's submission: a call, and two events of which one has every node's id.
const SECOND_DOOR: u64 = 500_000;

impl Contracts {
    /// A commit of bytes that may be no text.
    pub(in super::super) fn commit_bytes(&self, key: TaskKey, result: &[u8]) -> DishonestCall<Reference> {
        let call = Call::Commit {
            key,
            data: String::from_utf8_lossy(result).into_owned(),
        };
        let encoded = self.encode(&call);
        let on_chain = self
            .call_on_chain(&call)
            .and_then(|call| call.task())
            .unwrap_or(key);
        let (session, task) = ids(on_chain);
        let arguments = (session, task, Bytes::copy_from_slice(result)).abi_encode_params();
        let input = [&Queue::commitCall::SELECTOR[..], &arguments].concat().into();
        DishonestCall {
            edited: Some(Invocation { input, ..encoded }),
            call,
        }
    }

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

    /// A submission by `SessionV2.submit`, which asks the queue on behalf of the owner and tells of it once more.
    pub(in super::super) fn submit_by_session(&self, session: u64, data: &str) -> Invocation {
        let call = Call::Submit {
            session,
            data: data.to_owned(),
        };
        let encoded = self.encode(&call);
        let on_chain = self.session_of(&call).unwrap_or(session);
        let input = Session::submitCall {
            sessionId: U256::from(on_chain),
            taskData: data.to_owned(),
        };
        Invocation {
            to: Some(self.addresses.session),
            input: input.abi_encode().into(),
            gas_limit: encoded.gas_limit + SECOND_DOOR + data.len() as u64 * 32,
            ..encoded
        }
    }
}

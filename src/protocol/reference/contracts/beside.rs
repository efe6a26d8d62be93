//! Transactions that no actor sends: settings of the deployer, miners' earnings, and the other way to submit a task.

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    sol_types::{SolCall, SolValue},
};

use super::{
    Contracts, Invocation, WindowSeconds,
    bindings::{NodePool, SessionQueueV2 as Queue, SessionV2 as Session},
    gas::gas_limit,
};
use crate::protocol::{Call, NewSession, TaskKey};

/// Where the variable address is in the calldata of `SessionV2.create`: its third argument.
pub(super) const VARIABLE_ADDRESS: std::ops::Range<usize> = 4 + 2 * 32..4 + 3 * 32;
/// Gas that is enough for each but a submission.
const GAS: u64 = 200_000;

impl Contracts {
    /// `SessionQueueV2.setWindows`
    #[must_use]
    pub fn set_windows(&self, windows: WindowSeconds) -> Invocation {
        let call = Queue::setWindowsCall {
            ackWindow: U256::from(windows.ack),
            precommitWindow: U256::from(windows.precommit),
            commitWindow: U256::from(windows.commit),
        };
        self.on_queue(&call)
    }

    /// `SessionQueueV2.setPrice`
    #[must_use]
    pub fn set_price(&self, price: U256) -> Invocation {
        self.on_queue(&Queue::setPriceCall { price })
    }

    /// `SessionQueueV2.setOracle`
    #[must_use]
    pub fn set_oracle(&self, account: Address, is_oracle: bool) -> Invocation {
        self.on_queue(&Queue::setOracleCall {
            account,
            isOracle: is_oracle,
        })
    }

    /// `SessionV2.withdrawEarnings`
    #[must_use]
    pub fn withdraw_earnings(&self) -> Invocation {
        Invocation {
            to: Some(self.addresses.session),
            ..self.on_queue(&Session::withdrawEarningsCall {})
        }
    }

    /// `NodePool.hold`, which only the session contract may call.
    #[must_use]
    pub fn hold(&self, session: u64, owner: Address, node: Address) -> Invocation {
        let call = NodePool::holdCall {
            sessionId: U256::from(self.session_on_chain(session)),
            sessionOwner: owner,
            node,
        };
        Invocation {
            to: Some(self.addresses.node_pool),
            ..self.on_queue(&call)
        }
    }

    /// `SessionV2.create` with a variable address, which no actor gives.
    #[must_use]
    pub fn create_with(&self, new: &NewSession, variable: Address) -> Invocation {
        let mut invocation = self.encode(&Call::Create(new.clone()));
        let mut input = invocation.input.to_vec();
        if let Some(place) = input.get_mut(VARIABLE_ADDRESS) {
            place.copy_from_slice(variable.into_word().as_slice());
        }
        invocation.input = input.into();
        invocation
    }

    /// `SessionV2.submit`, which queues a task as `SessionQueueV2.submitTask` does.
    #[must_use]
    pub fn submit_to_session(&self, session: u64, data: &str) -> Invocation {
        let call = Session::submitCall {
            sessionId: U256::from(self.session_on_chain(session)),
            taskData: data.to_owned(),
        };
        let submission = Call::Submit {
            session,
            data: data.to_owned(),
        };
        Invocation {
            to: Some(self.addresses.session),
            gas_limit: 2 * gas_limit(&submission, self.redundancy, self.nodes),
            ..self.on_queue(&call)
        }
    }

    /// `SessionQueueV2.submitTask` of bytes that may be no text.
    #[must_use]
    pub fn submit_bytes(&self, session: u64, data: &[u8]) -> Invocation {
        let session = U256::from(self.session_on_chain(session));
        let arguments = (session, Bytes::copy_from_slice(data)).abi_encode_params();
        self.bytes_on_queue(Queue::submitTaskCall::SELECTOR, &arguments)
    }

    /// `SessionQueueV2.precommit` with a note of bytes that may be no text.
    #[must_use]
    pub fn precommit_with_note(&self, key: TaskKey, hash: B256, note: &[u8]) -> Invocation {
        let (session, task) = self.ids_on_chain(key);
        let arguments = (session, task, hash, Bytes::copy_from_slice(note)).abi_encode_params();
        self.bytes_on_queue(Queue::precommitCall::SELECTOR, &arguments)
    }

    /// `SessionQueueV2.commit` of bytes that may be no text.
    #[must_use]
    pub fn commit_bytes(&self, key: TaskKey, result: &[u8]) -> Invocation {
        let (session, task) = self.ids_on_chain(key);
        let arguments = (session, task, Bytes::copy_from_slice(result)).abi_encode_params();
        self.bytes_on_queue(Queue::commitCall::SELECTOR, &arguments)
    }

    fn ids_on_chain(&self, key: TaskKey) -> (U256, U256) {
        (
            U256::from(self.session_on_chain(key.session)),
            U256::from(key.task),
        )
    }

    fn bytes_on_queue(&self, selector: [u8; 4], arguments: &[u8]) -> Invocation {
        Invocation {
            to: Some(self.addresses.session_queue),
            value: U256::ZERO,
            input: [&selector[..], arguments].concat().into(),
            gas_limit: 2 * GAS,
        }
    }

    fn on_queue(&self, call: &impl SolCall) -> Invocation {
        Invocation {
            to: Some(self.addresses.session_queue),
            value: U256::ZERO,
            input: call.abi_encode().into(),
            gas_limit: GAS,
        }
    }
}

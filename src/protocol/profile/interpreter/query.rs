//! Reads that a profile asks for.

use alloy::primitives::{Address, Bytes, hex};

use super::super::expression::{Read, ReadRequest};
use crate::protocol::{ActorId, ProtocolQuery, TaskKey};

/// A read of a view function or a balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileQuery {
    /// What it is for.
    pub purpose: Purpose,
    /// What is read.
    pub read: Read,
}

/// The contract (`None` for a program of its own) and the calldata of a read.
pub(super) fn encode_read(read: &Read) -> (Option<Address>, Bytes) {
    match &read.kind {
        ReadRequest::Call(data) => (Some(read.address), data.clone()),
        ReadRequest::Balance => (None, balance_code(read.address)),
    }
}

/// The code that returns an account's balance.
fn balance_code(account: Address) -> Bytes {
    // PUSH20 account, BALANCE, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN
    [&[0x73][..], account.as_slice(), &hex!("3160005260206000f3")]
        .concat()
        .into()
}

/// What a read is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A decision of an actor, by the actor's number for it.
    Decision {
        /// The actor.
        actor: ActorId,
        /// The number.
        decision: u64,
    },
    /// Fields of tasks that an event sets, by the state's number for it.
    Fields(u64),
    /// The invariant at this place of the definition's.
    Invariant(u16),
}

/// What a read returned.
#[derive(Clone, Debug)]
pub struct ProfileReply {
    /// The read.
    pub query: ProfileQuery,
    /// The data.
    pub data: Bytes,
}

impl ProtocolQuery for ProfileQuery {
    fn task(&self) -> Option<TaskKey> {
        None
    }

    fn outcome_of(&self) -> Option<TaskKey> {
        None
    }

    fn asker(&self) -> Option<ActorId> {
        match self.purpose {
            Purpose::Decision { actor, .. } => Some(actor),
            Purpose::Fields(_) | Purpose::Invariant(_) => None,
        }
    }
}

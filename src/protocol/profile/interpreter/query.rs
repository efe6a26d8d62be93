//! Reads that a profile asks for.

use alloy::primitives::Bytes;

use super::super::expression::Read;
use crate::protocol::{ActorId, ProtocolQuery, TaskKey};

/// A read of a view function or a balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileQuery {
    /// What it is for.
    pub purpose: Purpose,
    /// What is read.
    pub read: Read,
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

//! Misdeeds: dishonest calls, and what an honest protocol owes them.

use alloy::primitives::Address;
use serde::{Deserialize, Serialize};

use super::Behaviour;
use crate::protocol::{Invocation, Protocol};

/// What a dishonest call is recorded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Misdeed {
    /// The behaviour that it follows.
    pub behaviour: Behaviour,
    /// What the contracts owe it.
    pub owed: Owed,
}

named! {
    /// What the contracts owe a dishonest call.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Owed {
        /// To refuse it, whatever happens until it is in a block.
        MustBeRefused = "must_be_refused",
        /// Nothing that is certain when it is sent.
        MayBeAccepted = "may_be_accepted",
    }
}

/// A dishonest call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DishonestCall<P: Protocol> {
    /// The call that it is recorded and routed as.
    pub call: P::Call,
    /// What is sent in the place of the call's own encoding.
    pub edited: Option<Invocation>,
}

impl<P: Protocol> DishonestCall<P> {
    /// A call as it is.
    #[must_use]
    pub const fn of(call: P::Call) -> Self {
        Self { call, edited: None }
    }
}

/// What an honest actor is told too early, so that it acts before it may.
#[derive(Clone, Debug)]
pub enum Cue<P: Protocol> {
    /// An event that has not come.
    Event(P::Event),
    /// A timer that is not due.
    Timer(P::Timer),
}

/// A transaction of somebody else as everybody can read it in the mempool.
#[derive(Clone, Debug)]
pub struct PublicTransaction<P: Protocol> {
    /// Its sender.
    pub from: Address,
    /// Its content.
    pub invocation: Invocation,
    /// The call that it makes.
    pub call: P::Call,
}

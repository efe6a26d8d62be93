//! Commands from the engine to a driver.

use alloy::primitives::B256;

use crate::{
    actor::Timer,
    protocol::{ActorId, Function, Invocation, Query},
    time::Micros,
};

/// A transaction's number within its run, in the order in which transactions were asked for, from 0.
pub type TxId = u64;

/// What the engine wants a driver to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Sign and send a transaction.
    Send {
        /// Its number.
        tx: TxId,
        /// Whose account sends it.
        actor: ActorId,
        /// The encoded call.
        invocation: Invocation,
    },
    /// Make a read and hand the reply to [`super::Engine::reply`].
    Read(Query),
    /// Call [`super::Engine::timer`] at this moment.
    SetTimer(Micros, ActorId, Timer),
}

/// A transaction that was sent and has not come to its end.
#[derive(Clone, Debug)]
pub struct UnderWay {
    /// Whose account sends it.
    pub actor: ActorId,
    /// The function that it calls.
    pub function: Function,
    /// The encoded call.
    pub invocation: Invocation,
    /// Its nonce.
    pub nonce: u64,
    /// Its hash.
    pub hash: B256,
    /// When it was first handed to the node.
    pub sent: Micros,
    /// The number of times that it was handed to the node.
    pub attempts: u32,
}

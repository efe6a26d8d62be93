//! Commands from the engine to a driver.

use alloy::primitives::B256;

use crate::{
    fees::Eip1559Fees,
    protocol::{ActorId, Function, Invocation, Protocol},
    time::Micros,
};

/// A transaction's number within its run, in the order in which transactions were asked for, from 0.
pub type TxId = u64;

/// What the engine wants a driver to do.
#[derive(Clone, Debug)]
pub enum Command<P: Protocol> {
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
    Read(P::Query),
    /// Call [`super::Engine::timer`] at this moment.
    SetTimer(Micros, ActorId, P::Timer),
}

impl<P: Protocol> Command<P> {
    /// The read that it asks for, if it does.
    pub(super) const fn read(&self) -> Option<&P::Query> {
        match self {
            Self::Read(query) => Some(query),
            _ => None,
        }
    }
}

/// A transaction that was sent and has not come to its end.
#[derive(Clone, Debug)]
pub struct UnderWay {
    /// Whose account sends it.
    pub actor: ActorId,
    /// The function that it calls.
    pub function: Function,
    /// Its nonce.
    pub nonce: u64,
    /// The fees that it was last sent with.
    pub fees: Eip1559Fees,
    /// The hash that it was last sent with; `None` as long as the chain has not told it.
    pub hash: Option<B256>,
    /// Those that it was sent with before, with another id of its session: the node may have it under one of them.
    pub earlier: Vec<B256>,
    /// When it was first handed to the node.
    pub sent: Micros,
    /// The number of times that it was handed to the node, those aside that made good for a reorg.
    pub attempts: u32,
    /// The number of its deadlines that passed, those before a reorg took it back aside.
    pub deadlines: u32,
}

impl UnderWay {
    /// Every hash that it was sent with.
    #[must_use]
    pub fn hashes(&self) -> Vec<B256> {
        self.hash
            .into_iter()
            .chain(self.earlier.iter().copied())
            .collect()
    }
}

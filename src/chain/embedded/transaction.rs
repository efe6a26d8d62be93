//! Transactions on their way into a block, and what became of them.

use alloy::primitives::Address;

use crate::{
    block::Invocation,
    chain::{Block, Eip1559Fees},
};

/// A transaction for the mempool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PooledTransaction {
    /// The caller's own number for it, handed back with its receipt; the chain attaches no meaning to it.
    pub id: u64,
    /// The account that sends and pays it.
    pub from: Address,
    /// Its place among the account's transactions.
    pub nonce: u64,
    /// The call.
    pub invocation: Invocation,
    /// What it offers to pay.
    pub fees: Eip1559Fees,
}

/// A block and which transactions it holds.
#[derive(Clone, Debug)]
pub struct Mined {
    /// The block. `seen` is [`Micros::ZERO`](crate::time::Micros::ZERO): the chain has no clock to tell it by.
    pub block: Block,
    /// The ids of its transactions, parallel to `block.receipts`.
    pub ids: Vec<u64>,
    /// Transactions that left the mempool for good since the block before, without being in a block.
    pub dropped: Vec<Dropped>,
}

/// A transaction that left the mempool without being in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// The caller's number for it.
    pub id: u64,
    /// The reason.
    pub reason: DropReason,
}

/// The reason why a transaction left the mempool without being in a block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DropReason {
    /// A transaction of the same account and nonce offered more.
    #[error("replaced by a transaction that offers more")]
    Replaced {
        /// The id of that one.
        by: u64,
    },
    /// When its turn came, its max fee was below the base fee, or that of one before it in its account was.
    #[error("dropped from the mempool: max fee per gas less than block base fee")]
    BelowBaseFee {
        /// The base fee of that block.
        base_fee: u64,
    },
    /// When its turn came, it could not be executed: the account had spent what it needs.
    #[error("not executable when its turn came: {0}")]
    Invalid(String),
}

//! The content of a transaction.

use alloy::primitives::{Address, Bytes, U256};

/// A transaction's content: everything but account, nonce and fees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The contract; `None` creates one.
    pub to: Option<Address>,
    /// Wei sent along.
    pub value: U256,
    /// Calldata, or init code.
    pub input: Bytes,
    /// The most gas that it may use.
    pub gas_limit: u64,
}

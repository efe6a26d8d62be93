//! Accesses of transactions to the chain's state, for whoever asks which of them could be executed at the same time.

use std::fmt;

use alloy::primitives::{Address, U256};

use crate::block::Invocation;

/// A location in the chain's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// A storage slot of a contract.
    Slot(Address, U256),
    /// Nonce and balance of an account.
    Account(Address),
}

/// An access of a transaction to a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// The location.
    pub location: Location,
    /// Whether the location holds something else after the transaction than before; if not, it was only read.
    pub writes: bool,
}

/// A hash of 64 bytes that the EVM took: the slot of a mapping's value, as Solidity places it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MappingSlot {
    /// The hash.
    pub slot: U256,
    /// The first 32 bytes: the key.
    pub key: U256,
    /// The second 32 bytes: the slot of the mapping.
    pub mapping: U256,
}

/// A transaction of a block and its accesses.
#[derive(Clone, Debug)]
pub struct TracedTransaction {
    /// Its content.
    pub invocation: Invocation,
    /// Gas that it used.
    pub gas_used: u64,
    /// Its accesses, a location once, in the order of locations. Slots that a reverted call accessed are among them; what the
    /// recipient of the fees gets is not, nor is a balance that was only read.
    pub accesses: Vec<Access>,
}

/// A block's transactions with their accesses.
#[derive(Clone, Debug, Default)]
pub struct TracedBlock {
    /// The transactions, in their order.
    pub transactions: Vec<TracedTransaction>,
    /// The slots of mappings that they computed.
    pub mapping_slots: Vec<MappingSlot>,
}

/// Somebody who hears of every block's accesses.
pub(super) struct Tracer(pub(super) Box<dyn FnMut(TracedBlock)>);

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tracer")
    }
}

//! The record of a block.

use serde::{Deserialize, Serialize};

use crate::time::Micros;

/// A block that the run saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BlockRecord {
    /// Its number.
    pub number: u64,
    /// Its timestamp in seconds since the Unix epoch.
    pub timestamp: u64,
    /// When the run learned of it.
    pub seen: Micros,
    /// Gas that its transactions used.
    pub gas_used: u64,
    /// Gas that it could have held.
    pub gas_limit: u64,
    /// Base fee in wei per gas.
    pub base_fee: u64,
    /// All transactions in it.
    pub transactions: u32,
}

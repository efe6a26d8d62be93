//! A log of the transactions in blocks, as they were sent.

use std::sync::{Arc, Mutex, PoisonError};

use alloy::primitives::Address;

use super::PooledTransaction;
use crate::block::Invocation;

/// A transaction in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedTransaction {
    /// The block's number.
    pub block: u64,
    /// The block's timestamp, in seconds since the Unix epoch.
    pub timestamp: u64,
    /// The sender.
    pub from: Address,
    /// What it sent.
    pub invocation: Invocation,
}

/// The transactions of all blocks in their order; of blocks that a reorg takes back, those that come in their place.
#[derive(Clone, Debug, Default)]
pub struct BlockLog(Arc<Mutex<Vec<LoggedTransaction>>>);

impl BlockLog {
    /// What it holds.
    #[must_use]
    pub fn transactions(&self) -> Vec<LoggedTransaction> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A block with this number begins: what was in it or later is taken back.
    pub(super) fn begin(&self, block: u64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.partition_point(|logged| logged.block < block);
        all.truncate(kept);
    }

    /// A transaction is in a block.
    pub(super) fn add(&self, block: u64, timestamp: u64, sent: PooledTransaction) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(LoggedTransaction {
            block,
            timestamp,
            from: sent.from,
            invocation: sent.invocation,
        });
    }
}

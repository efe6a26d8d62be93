//! Events of the chain, as a run hears of them.

use crate::{
    chain::{Block, BlockLogs, Log},
    time::Micros,
};

/// Events of the chain.
#[derive(Clone, Debug)]
pub enum ChainEvent {
    /// A log of a new block, reported before the block is. Only where the node announces logs, and not for sure even then.
    Log(EarlyLog),
    /// The priority logs of a new block, reported before all of them are. Only where all of them are reported before the block.
    PriorityLogs(BlockLogs),
    /// All logs of a new block, reported before the block is. Only where the node is read by logs and traces.
    Logs(BlockLogs),
    /// A new block, with all that its transactions did.
    Block(Block),
    /// Blocks that were reported are no longer the chain's: a reorg.
    Reorg(Reorg),
}

/// Blocks at the end of the chain were replaced or taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reorg {
    /// The last block that is still the chain's.
    pub last: u64,
    /// The number of blocks after it that were reported and are gone.
    pub depth: u64,
}

/// A log that is reported before its block.
#[derive(Clone, Debug)]
pub struct EarlyLog {
    /// The log.
    pub log: Log,
    /// Its block's number.
    pub block_number: u64,
    /// When the run learned that its block exists.
    pub seen: Micros,
    /// Its block's timestamp in seconds since the Unix epoch.
    pub block_timestamp: u64,
}

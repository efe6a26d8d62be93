//! Chains that a run can drive: an anvil of our own, any JSON-RPC endpoint, an EVM inside the process.

pub mod anvil;
pub mod embedded;
pub mod rpc;

pub use crate::block::{Block, BlockLogs, Invocation, Log, LogPriority, Placed, REORG_DEPTH, Receipt};

pub use crate::fees::Eip1559Fees;

//! Chains that a run can drive: an anvil of our own, any JSON-RPC endpoint, an EVM inside the process.

pub mod anvil;
pub mod embedded;

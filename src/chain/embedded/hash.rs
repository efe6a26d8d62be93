//! Simulated transaction hashes.

use alloy::primitives::{Address, B256, keccak256};

/// A stand-in for a transaction's hash: keccak-256 over chain id, sender, nonce, and how many transactions it replaces.
///
/// Nothing is signed, so no node would give the transaction this hash; it only has to be unique on its chain and the
/// same in every run.
pub(super) fn simulated_hash(chain_id: u64, from: Address, nonce: u64, replaced: u32) -> B256 {
    let mut preimage = [0; 40];
    preimage[..8].copy_from_slice(&chain_id.to_be_bytes());
    preimage[8..28].copy_from_slice(from.as_slice());
    preimage[28..36].copy_from_slice(&nonce.to_be_bytes());
    preimage[36..].copy_from_slice(&replaced.to_be_bytes());
    keccak256(preimage)
}

//! Simulated transaction hashes.

use alloy::primitives::{Address, B256, keccak256};

/// Stand-ins for the hashes of an account's transactions.
///
/// Nothing is signed, so no node would give a transaction this hash; it only has to be unique on its chain and the same
/// in every run. It is the first 20 bytes of keccak-256 over chain id and sender, then the nonce, then how many
/// transactions it replaced one after the other: hashed once for each account, since hashing for each transaction would
/// take a twentieth of the time that executing it does.
#[derive(Clone, Copy, Debug)]
pub(super) struct SimulatedHashes {
    sender: B256,
}

impl SimulatedHashes {
    pub(super) fn new(chain_id: u64, from: Address) -> Self {
        let mut preimage = [0; 28];
        preimage[..8].copy_from_slice(&chain_id.to_be_bytes());
        preimage[8..].copy_from_slice(from.as_slice());
        Self {
            sender: keccak256(preimage),
        }
    }

    /// The hash of the account's transaction with this nonce, which replaced so many before it.
    pub(super) fn of(&self, nonce: u64, replaced: u32) -> B256 {
        let mut hash = self.sender;
        hash[20..28].copy_from_slice(&nonce.to_be_bytes());
        hash[28..].copy_from_slice(&replaced.to_be_bytes());
        hash
    }
}

//! What binds a miner to its result.

use alloy::primitives::{Address, B256, U256, keccak256};

use super::TaskKey;

/// The hash that a miner precommits: `keccak256(abi.encode(sessionId, taskId, miner, keccak256(bytes(data))))`.
///
/// It binds result, miner, session and task, so that nobody can reuse another miner's hash.
#[must_use]
pub fn commit_hash(key: TaskKey, miner: Address, result: &str) -> B256 {
    let mut words = [0; 128];
    words[..32].copy_from_slice(&U256::from(key.session).to_be_bytes::<32>());
    words[32..64].copy_from_slice(&U256::from(key.task).to_be_bytes::<32>());
    words[64..96].copy_from_slice(miner.into_word().as_slice());
    words[96..].copy_from_slice(keccak256(result).as_slice());
    keccak256(words)
}

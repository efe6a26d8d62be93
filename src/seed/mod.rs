//! Keys and random streams, derived from a scenario's seed.

mod key;
mod stream;

use alloy::primitives::{B256, keccak256};

pub use self::{
    key::Key,
    stream::{Choice, StreamSeed, stream},
};

/// Keccak-256 of an unambiguous encoding of these fields: the domain and the label carry their lengths, the numbers
/// are big-endian and of fixed width.
fn digest(domain: &str, seed: u64, label: &str, index: u32, attempt: u32) -> B256 {
    let mut bytes = Vec::with_capacity(32 + domain.len() + label.len());
    for text in [domain, label] {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend_from_slice(&seed.to_be_bytes());
    bytes.extend_from_slice(&index.to_be_bytes());
    bytes.extend_from_slice(&attempt.to_be_bytes());
    keccak256(bytes)
}

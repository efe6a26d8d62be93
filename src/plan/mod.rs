//! Scenario → plan: the population with its keys, arrival times and parameters. Pure: the same scenario, seed
//! included, gives the same plan.
//!
//! # What an actor's key and random streams depend on
//! On the seed, its role, its group's *name* and its index within the group; on nothing else. So adding a group,
//! reordering groups, or raising a group's count leaves every other actor's address and random choices as they were;
//! renaming a group makes it a different population. Arrivals depend on the owner's own group alone, and random ones come
//! from a stream of that group. Each kind of an
//! actor's choices draws from a stream of its own, and so does its way to the chain: when others, or a slower network,
//! change the order of what it does, its third work still takes as long as before.
//! What a session or a miner has from a distribution of counts is drawn here, once, from a stream of the kind.

mod account;
mod arrivals;
mod dedicated;
mod key;
mod manage;
mod order;
mod population;
mod replay;
mod round_robin;
mod stream;

pub use account::PlannedAccount;
pub use arrivals::group_arrivals;
pub use key::Key;
pub use manage::{Duty, ManagePlan, PresencePlan};
pub use order::OrderPlan;
pub(crate) use population::{GroupLoad, concurrency, in_flight, redundancies};
pub use population::{LoadPlan, MinerPlan, OraclePlan, OwnerPlan, Plan, SessionPlan};
pub use round_robin::Arrival;
pub use stream::{Choice, StreamSeed, stream};

use alloy::primitives::{B256, keccak256};

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

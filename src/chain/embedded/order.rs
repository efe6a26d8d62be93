//! The order in which a block takes transactions from the mempool.

use std::collections::BTreeSet;

use alloy::primitives::Address;

use crate::chain::Eip1559Fees;

/// The orders to choose from.
///
/// Transactions of the same rank go by arrival, and no two have the same arrival, so every order is total. The nonces of
/// an account need no attention: only its first transaction that is not in a block is ever ranked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TransactionOrder {
    /// First come, first served.
    Fifo,
    /// By effective tip, the highest first.
    #[default]
    Fees,
    /// In an order drawn anew for every block, from the seed of the chain.
    Random,
    /// By effective tip, but these accounts' transactions after everyone else's.
    Adversarial(BTreeSet<Address>),
}

/// The block that transactions are ranked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// What is drawn at random is drawn from it.
    pub(super) seed: u64,
    /// The block's number.
    pub(super) number: u64,
    /// Its base fee in wei per gas.
    pub(super) base_fee: u64,
}

/// A transaction's rank: whether it comes after all others, and its place among these or those. The lower goes first.
pub(super) type Rank = (bool, u64);

impl TransactionOrder {
    /// The rank of a transaction in a block; `arrival` is its place among all that ever came to the mempool.
    pub(super) fn rank(&self, from: Address, fees: Eip1559Fees, arrival: u64, slot: Slot) -> Rank {
        let by_tip = u64::MAX - effective_tip(fees, slot.base_fee);
        match self {
            Self::Fifo => (false, 0),
            Self::Fees => (false, by_tip),
            Self::Random => (false, mix(mix(mix(slot.seed) ^ slot.number) ^ arrival)),
            Self::Adversarial(last) => (last.contains(&from), by_tip),
        }
    }
}

/// What the producer of the block gets, in wei per gas: min(tip, max fee − base fee) (EIP-1559).
fn effective_tip(fees: Eip1559Fees, base_fee: u64) -> u64 {
    fees.tip.min(fees.max_fee.saturating_sub(base_fee))
}

/// One step of SplitMix64: close numbers come out far apart.
const fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

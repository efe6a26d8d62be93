//! The order in which a block takes transactions from the mempool.

use std::{collections::BTreeSet, fmt};

use alloy::primitives::Address;

use crate::chain::Eip1559Fees;

/// A transaction that could be next in a block: the first of its account's that is not in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its account.
    pub from: Address,
    /// What it offers.
    pub fees: Eip1559Fees,
    /// Its place among all transactions that ever came to the mempool.
    pub arrival: u64,
}

/// The block that candidates are ranked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its number.
    pub number: u64,
    /// Its base fee in wei per gas.
    pub base_fee: u64,
}

impl Candidate {
    /// What the producer of the block gets for it, in wei per gas: min(tip, max fee − base fee) (EIP-1559).
    #[must_use]
    pub fn effective_tip(&self, base_fee: u64) -> u64 {
        self.fees.tip.min(self.fees.max_fee.saturating_sub(base_fee))
    }
}

/// A candidate's rank: a class, and a place in it. The lower goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// Compared first.
    pub class: u32,
    /// Compared within a class.
    pub place: u64,
}

/// A way to order blocks.
///
/// Candidates of the same rank go by arrival, and no two have the same arrival, so every ranking is a total order. The
/// nonces of an account need no attention: only its first transaction is ever a candidate.
pub trait Ranking: fmt::Debug + Send {
    /// The candidate's rank in this block. The same arguments must give the same rank.
    fn rank(&self, candidate: &Candidate, slot: Slot) -> Rank;
}

/// The orders to choose from.
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

impl TransactionOrder {
    /// The ranking, with randomness drawn from `seed`.
    #[must_use]
    pub fn ranking(&self, seed: u64) -> Box<dyn Ranking> {
        match self {
            Self::Fifo => Box::new(Fifo),
            Self::Fees => Box::new(Fees),
            Self::Random => Box::new(Random { seed }),
            Self::Adversarial(last) => Box::new(Adversarial { last: last.clone() }),
        }
    }
}

#[derive(Debug)]
struct Fifo;

impl Ranking for Fifo {
    fn rank(&self, _: &Candidate, _: Slot) -> Rank {
        Rank::default()
    }
}

#[derive(Debug)]
struct Fees;

impl Ranking for Fees {
    fn rank(&self, candidate: &Candidate, slot: Slot) -> Rank {
        Rank {
            class: 0,
            place: u64::MAX - candidate.effective_tip(slot.base_fee),
        }
    }
}

#[derive(Debug)]
struct Random {
    seed: u64,
}

impl Ranking for Random {
    fn rank(&self, candidate: &Candidate, slot: Slot) -> Rank {
        Rank {
            class: 0,
            place: mix(mix(mix(self.seed) ^ slot.number) ^ candidate.arrival),
        }
    }
}

#[derive(Debug)]
struct Adversarial {
    last: BTreeSet<Address>,
}

impl Ranking for Adversarial {
    fn rank(&self, candidate: &Candidate, slot: Slot) -> Rank {
        Rank {
            class: u32::from(self.last.contains(&candidate.from)),
            ..Fees.rank(candidate, slot)
        }
    }
}

/// One step of SplitMix64: close numbers come out far apart.
const fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

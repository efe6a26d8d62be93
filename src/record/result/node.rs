//! Node failures that a run recovered from.

use std::collections::BTreeMap;

use alloy::primitives::Address;
use serde::{Deserialize, Serialize};

/// Troubles with the node of a run in real time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeResult {
    /// The number of times that blocks already read were no longer the chain's. What these held was undone and is in no figure.
    pub reorgs: u64,
    /// The most blocks that one of these took back.
    pub deepest_reorg: u64,
    /// All blocks that they took back.
    pub blocks_dropped: u64,
    /// Requests that failed and were repeated, by method and cause.
    pub repeated: BTreeMap<String, u64>,
    /// What the node was found not to do, and how that was worked around, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// The money that a funder gave the accounts; `None` if the node itself gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funding: Option<FundingResult>,
}

/// The money that went from a funder to the accounts of a run and back. Amounts are decimal numbers of wei.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FundingResult {
    /// The funder's account.
    pub funder: Address,
    /// What the accounts got.
    pub paid_wei: String,
    /// What came back.
    pub returned_wei: String,
    /// Accounts that could not be swept, and what they have; 0 if that could not be read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left: BTreeMap<String, String>,
}

impl NodeResult {
    /// Counts a reorg that took back so many blocks, `before` of them when it was noticed first.
    pub fn reorg(&mut self, depth: u64, before: u64) {
        self.reorgs += u64::from(before == 0);
        self.deepest_reorg = self.deepest_reorg.max(before + depth);
        self.blocks_dropped += depth;
    }

    /// All requests that failed and were repeated.
    #[must_use]
    pub fn requests_repeated(&self) -> u64 {
        self.repeated.values().copied().fold(0, u64::saturating_add)
    }

    /// Whether there was no trouble at all.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        *self
            == Self {
                funding: self.funding.clone(),
                ..Self::default()
            }
    }
}

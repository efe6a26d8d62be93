//! Results of transactions: outcomes, and what they took per phase and per function.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Stats;

/// Transactions by outcome: total = included + reverted + outrun + repelled + refused + lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionCounts {
    /// All of them.
    pub total: u64,
    /// In a block, and succeeded.
    pub included: u64,
    /// In a block, and reverted.
    pub reverted: u64,
    /// In a block, and reverted as was to be expected: another was first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub outrun: u64,
    /// In a block, and reverted: dishonest calls that the contracts refused.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub repelled: u64,
    /// Refused by the node.
    pub refused: u64,
    /// Never seen in a block.
    pub lost: u64,
    /// Handed to the node more than once, whatever became of them; not an outcome of its own.
    pub resent: u64,
}

impl TransactionCounts {
    /// How many are in a block.
    #[must_use]
    pub const fn in_blocks(&self) -> u64 {
        self.included + self.reverted + self.outrun + self.repelled
    }

    /// How many did not succeed, those that were outrun or repelled left out.
    #[must_use]
    pub const fn failed(&self) -> u64 {
        self.reverted + self.refused + self.lost
    }
}

/// serde calls it with a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The reason why transactions failed: reason → count, per outcome. At most 50 reasons each, the rest as `other reasons`. Those
/// that differ in their arguments alone are one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    /// Decoded errors of those that reverted.
    pub reverted: BTreeMap<String, u64>,
    /// Decoded errors of those that were outrun.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outrun: BTreeMap<String, u64>,
    /// The node's messages for those that it refused.
    pub refused: BTreeMap<String, u64>,
    /// The reason why the rest was never seen in a block.
    pub lost: BTreeMap<String, u64>,
    /// An example of each reason that stands for several.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub examples: BTreeMap<String, String>,
}

impl Failures {
    /// Every outcome's name, reason and count.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str, u64)> {
        [
            ("reverted", &self.reverted),
            ("outrun", &self.outrun),
            ("refused", &self.refused),
            ("lost", &self.lost),
        ]
        .into_iter()
        .flat_map(|(outcome, reasons)| {
            reasons
                .iter()
                .map(move |(reason, &count)| (outcome, reason.as_str(), count))
        })
    }
}

/// The transactions of one phase. Times and gas are those of every transaction that got into a block, reverted ones
/// included: a revert costs its sender time and gas as well.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PhaseResult {
    /// How many, by outcome.
    pub transactions: TransactionCounts,
    /// The reason why some failed.
    pub failures: Failures,
    /// Response time in µs: included − intended.
    pub response_us: Option<Stats>,
    /// Service time in µs: included − sent.
    pub service_us: Option<Stats>,
    /// Gas used by each.
    pub gas_used: Option<Stats>,
    /// Gas used by all.
    pub gas_total: u64,
    /// The part of `gas_total` that reverted transactions used.
    pub gas_reverted: u64,
}

/// The transactions that call one function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FunctionResult {
    /// How many, by outcome.
    pub transactions: TransactionCounts,
    /// Gas used by each that got into a block.
    pub gas_used: Option<Stats>,
    /// Gas used by all.
    pub gas_total: u64,
    /// The part of `gas_total` that reverted transactions used.
    pub gas_reverted: u64,
}

//! The gas profile of a run: per phase and per function, reverted calls apart.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{TxRecord, distribution::rounded};
use crate::{
    gas::GasBreakdown,
    protocol::{Function, Phase},
};

/// The gas of a run's transactions that got into a block. Only phases and functions that have any are there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GasProfile {
    /// Per phase, setup's too.
    pub phases: BTreeMap<Phase, GasUse>,
    /// Per function called.
    pub functions: BTreeMap<Function, GasUse>,
}

/// The gas of some transactions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GasUse {
    /// Of those that succeeded; `None` if none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded: Option<GasCost>,
    /// Of those that reverted or were stopped; `None` if none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverted: Option<GasCost>,
}

/// What some transactions cost. All numbers are exact; in gas, but for `calls`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GasCost {
    /// How many transactions.
    pub calls: u64,
    /// Gas used by all.
    pub total: u64,
    /// By the cheapest.
    pub min: u64,
    /// The smallest that at least half of all do not exceed.
    pub median: u64,
    /// By the dearest.
    pub max: u64,
    /// `total` over `calls`, to three decimals.
    pub mean: f64,
    /// What `total` was spent on. The groups add up to it.
    pub groups: GasBreakdown,
}

impl GasUse {
    /// Gas used by all.
    #[must_use]
    pub fn total(&self) -> u64 {
        let costs = [&self.succeeded, &self.reverted];
        costs.into_iter().flatten().map(|cost| cost.total).sum()
    }
}

impl GasProfile {
    /// Gas used by all transactions.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.phases.values().map(GasUse::total).sum()
    }
}

/// Makes a [`GasProfile`] of records. Its memory grows with the number of different amounts of gas.
#[derive(Debug, Default)]
pub struct GasProfiler {
    phases: BTreeMap<Phase, Tally>,
    functions: BTreeMap<Function, Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    succeeded: Cost,
    reverted: Cost,
}

#[derive(Debug, Default)]
struct Cost {
    /// Gas → how many used that much.
    amounts: BTreeMap<u64, u64>,
    groups: GasBreakdown,
}

impl GasProfiler {
    /// Takes a transaction, if it got into a block of a chain that tells where its gas went.
    pub fn record(&mut self, transaction: &TxRecord) {
        let (Some(gas), Some(groups)) = (transaction.gas_used, &transaction.gas_breakdown) else {
            return;
        };
        debug_assert_eq!(groups.total(), gas as i64, "{transaction:?}");
        let function = transaction.function;
        for tally in [
            self.phases.entry(transaction.phase).or_default(),
            self.functions.entry(function).or_default(),
        ] {
            let cost = if transaction.outcome.is_revert() {
                &mut tally.reverted
            } else {
                &mut tally.succeeded
            };
            *cost.amounts.entry(gas).or_default() += 1;
            cost.groups += groups;
        }
    }

    /// The profile of all transactions so far.
    #[must_use]
    pub fn finish(self) -> GasProfile {
        GasProfile {
            phases: finish(self.phases),
            functions: finish(self.functions),
        }
    }
}

fn finish<K: Ord>(tallies: BTreeMap<K, Tally>) -> BTreeMap<K, GasUse> {
    let tallies = tallies.into_iter();
    let used = tallies.map(|(key, tally)| {
        let used = GasUse {
            succeeded: tally.succeeded.finish(),
            reverted: tally.reverted.finish(),
        };
        (key, used)
    });
    used.collect()
}

impl Cost {
    fn finish(self) -> Option<GasCost> {
        let (min, max) = (*self.amounts.keys().next()?, *self.amounts.keys().next_back()?);
        let calls: u64 = self.amounts.values().sum();
        let total: u64 = self.amounts.iter().map(|(gas, calls)| gas * calls).sum();
        let mut below = 0;
        let median = self.amounts.iter().find_map(|(&gas, times)| {
            below += times;
            (2 * below >= calls).then_some(gas)
        })?;
        Some(GasCost {
            calls,
            total,
            min,
            median,
            max,
            mean: rounded(total as f64 / calls as f64),
            groups: self.groups,
        })
    }
}

//! Variants of a scenario that a hunt plays against.

use std::time::Duration;

use alloy::primitives::U256;

use crate::scenario::{Scenario, Windows};

/// Wei that a miner is paid per task where tasks have a price and the scenario says none: no round number, so that nothing is
/// right by chance.
const PRICE: u64 = 1_000_003;

/// The scenario as it is, and with other windows and prices: all different and short ones, free tasks and paid ones. A profile
/// decides itself what its contracts are deployed with: there is one variant.
#[must_use]
pub fn variants(scenario: &Scenario) -> Vec<Scenario> {
    let mut variants = vec![scenario.clone()];
    if scenario.profile.is_some() {
        return variants;
    }
    let seconds = Duration::from_secs;
    for (windows, price) in [([3, 5, 7], PRICE), ([7, 4, 2], 0), ([2, 9, 4], PRICE)] {
        let [ack, precommit, commit] = windows.map(seconds);
        variants.push(Scenario {
            windows: Windows {
                ack,
                precommit,
                commit,
            },
            price: U256::from(price),
            ..scenario.clone()
        });
    }
    // Without a live oracle nobody ends what is overdue: then there is nothing to see of that.
    for variant in &mut variants[1..] {
        variant.oracle.count = variant.oracle.count.max(1);
    }
    variants
}

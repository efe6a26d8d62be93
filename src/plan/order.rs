//! Transaction order of blocks, with group names resolved to accounts.

use std::collections::BTreeSet;

use alloy::primitives::Address;

use super::{MinerPlan, OwnerPlan, StreamSeed};
use crate::scenario::{BlockOrder, Scenario};

/// How blocks order pending transactions; the counterpart of [`BlockOrder`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderPlan {
    /// By the tip that the block's producer gets, highest first.
    Fees,
    /// By arrival.
    Fifo,
    /// At random, by draws from this stream.
    Random(StreamSeed),
    /// Those of these accounts after all others, otherwise by fees.
    Adversarial(BTreeSet<Address>),
}

impl OrderPlan {
    /// The order that `scenario` asks for among these actors. A name that a group of owners and one of miners share
    /// means both.
    pub(super) fn of(scenario: &Scenario, owners: &[OwnerPlan], miners: &[MinerPlan]) -> Self {
        match &scenario.chain.order {
            BlockOrder::Fees => Self::Fees,
            BlockOrder::Fifo => Self::Fifo,
            BlockOrder::Random => Self::Random(StreamSeed::derive(scenario.seed, "chain/order", 0)),
            BlockOrder::Adversarial { last } => {
                let owners = owners
                    .iter()
                    .filter(|owner| last.contains(&scenario.owners[owner.group as usize].name))
                    .map(|owner| owner.key.address);
                let miners = miners
                    .iter()
                    .filter(|miner| last.contains(&scenario.miners[miner.group as usize].name))
                    .map(|miner| miner.key.address);
                Self::Adversarial(owners.chain(miners).collect())
            }
        }
    }
}

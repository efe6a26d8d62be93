//! Transaction order of blocks, with group names resolved to accounts.

use std::collections::BTreeSet;

use alloy::primitives::Address;

use super::{MinerPlan, OwnerPlan, StreamSeed};
use crate::{
    protocol::profile::ActorPlan,
    scenario::{BlockOrder, Scenario},
};

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
    /// The order that `scenario` asks for among these actors, the last of which are a profile's. A name that groups of
    /// several roles share means all of them.
    pub(super) fn of(
        scenario: &Scenario,
        owners: &[OwnerPlan],
        miners: &[MinerPlan],
        actors: &[ActorPlan],
    ) -> Self {
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
                let profile = scenario.profile.as_ref();
                let actors = actors
                    .iter()
                    .filter(|actor| {
                        let group = profile.and_then(|run| run.group(actor.role, actor.group));
                        group.is_some_and(|group| last.contains(&group.name))
                    })
                    .map(|actor| actor.key.address);
                Self::Adversarial(owners.chain(miners).chain(actors).collect())
            }
        }
    }
}

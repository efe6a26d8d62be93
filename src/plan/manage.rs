//! Planned management of sessions by owners.

use std::time::Duration;

use alloy::primitives::{Address, U256};

use super::{Duty, ManagePlan};
use crate::scenario::{
    DelayDistribution, Distribution, Funding, Management, OwnerGroup, Reopening, Scenario, units::Rate,
};

impl ManagePlan {
    /// What each owner of a group does; `None` if that is nothing.
    pub(super) fn of(scenario: &Scenario, group: &OwnerGroup, spare_nodes: Vec<Address>) -> Option<Self> {
        let Management {
            update,
            top_up,
            withdraw,
            routers,
            dedicated,
            reopen,
        } = &group.manage;
        if group.manage.is_empty() {
            return None;
        }
        let (reopen, reopen_every) = match reopen {
            Some(Reopening::Rate(rate)) => (Some(*rate), None),
            Some(Reopening::EveryTasks(tasks)) => (None, Some(*tasks)),
            None => (None, None),
        };
        let rates = [
            (Duty::Update, *update),
            (Duty::TopUp, top_up.map(|funding| funding.rate)),
            (Duty::Withdraw, withdraw.map(|funding| funding.rate)),
            (Duty::Routers, *routers),
            (Duty::Dedicated, *dedicated),
            (Duty::Reopen, reopen),
        ];
        let amount = |funding: &Option<Funding>| funding.map_or(U256::ZERO, |funding| funding.amount);
        let gap = |rate| gap(rate, group.count, scenario.chain.block_time);
        Some(Self {
            duties: rates
                .into_iter()
                .filter_map(|(duty, rate)| Some((duty, gap(rate?))))
                .collect(),
            top_up: amount(top_up),
            withdraw: amount(withdraw),
            reopen_every,
            price: scenario.price,
            spare_nodes,
        })
    }
}

/// The time from one occurrence to the next of one of `owners` owners that together come to `rate`: Poisson processes
/// of rate / owners each, which add up to one of `rate`.
fn gap(rate: Rate, owners: u32, block_time: Duration) -> DelayDistribution {
    Distribution::Exponential {
        mean: Duration::from(rate.due(owners.into(), block_time)).max(Duration::from_micros(1)),
    }
}

//! Planned management by owners, and planned arrivals and departures of miners.

use std::time::Duration;

use alloy::primitives::{Address, U256};

use super::Choice;
use crate::scenario::{
    Churn, DelayDistribution, Distribution, Funding, Management, OwnerGroup, Reopening, Scenario, units::Rate,
};

/// Something that an owner does with its sessions again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// Updates a session.
    Update,
    /// Adds money to a session.
    TopUp,
    /// Takes money out of a session.
    Withdraw,
    /// Changes a session's routers.
    Routers,
    /// Exchanges a dedicated node of a session.
    Dedicated,
    /// Opens a session in the place of another.
    Reopen,
}

impl Duty {
    /// Every duty.
    pub const ALL: [Self; 6] = [
        Self::Update,
        Self::TopUp,
        Self::Withdraw,
        Self::Routers,
        Self::Dedicated,
        Self::Reopen,
    ];

    /// The choices of an owner that decide when it is due.
    #[must_use]
    pub const fn choice(self) -> Choice {
        match self {
            Self::Update => Choice::Update,
            Self::TopUp => Choice::TopUp,
            Self::Withdraw => Choice::Withdraw,
            Self::Routers => Choice::Routers,
            Self::Dedicated => Choice::Dedicated,
            Self::Reopen => Choice::Reopen,
        }
    }
}

/// What an owner does with its sessions while the load goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct ManagePlan {
    /// Its duties, each with the time from one occurrence to the next.
    pub duties: Vec<(Duty, DelayDistribution)>,
    /// Wei of a top-up.
    pub top_up: U256,
    /// Wei of a withdrawal.
    pub withdraw: U256,
    /// After how many tasks a session makes room for another; `None` for never.
    pub reopen_every: Option<u64>,
    /// Wei that a miner is paid per task.
    pub price: U256,
    /// Dedicated nodes that no session has at first.
    pub spare_nodes: Vec<Address>,
}

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

/// Whether and when a miner is there.
#[derive(Clone, Debug, PartialEq)]
pub struct PresencePlan {
    /// Whether it registers with the pool. One that sessions have as a dedicated node does not.
    pub pooled: bool,
    /// The owner that has it as a dedicated node, if one has.
    pub dedicated_to: Option<Address>,
    /// How long after the load began it joins; `None` if it is there from the start.
    pub join_after: Option<DelayDistribution>,
    /// How it goes and comes back; `None` if it stays.
    pub churn: Option<Churn>,
}

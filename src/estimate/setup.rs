//! Estimates the duration of setup: miners register, owners open their sessions, and blocks hold only so many of these
//! transactions.

use super::cost::{Cost, GroupCost, SessionCost};
use crate::{
    protocol::{Call, NewSession, gas_limit},
    scenario::{OwnerGroup, Scenario},
};

/// How many blocks setup takes with these groups of owners, of which each costs so much.
pub(super) fn blocks(scenario: &Scenario, miners: Cost, sessions: &[SessionCost]) -> u64 {
    let room = scenario.chain.gas_limit;
    let owners = |reserve: bool| {
        let groups = scenario.owners.iter().zip(sessions);
        let groups = groups.filter(|(group, _)| group.reserve == reserve);
        let (mut creates, mut follow_ups) = (0.0, 0.0);
        for (group, cost) in groups {
            creates += share(cost.creates, create_limit(group), room);
            follow_ups += share(cost.follow_ups, gas_limit(&Call::Register, 0, 0), room);
        }
        // What follows a creation is sent when its block was seen.
        let least = creates.ceil() + if follow_ups > 0.0 { 1.0 } else { 0.0 };
        f64::max(least, (creates + follow_ups).ceil()) as u64
    };
    let miners = share(miners, gas_limit(&Call::Register, 0, 0), room).ceil() as u64;
    miners + owners(true) + owners(false)
}

/// The duration of setup, in µs.
pub(super) fn duration_us(scenario: &Scenario, costs: &[GroupCost]) -> u64 {
    let miners = costs.first().map(|cost| cost.miners).unwrap_or_default();
    let sessions: Vec<_> = costs.iter().map(|cost| cost.sessions).collect();
    let block_us = scenario.chain.block_time.as_micros() as u64;
    let besides = costs.iter().map(|cost| cost.besides_blocks_us).max();
    blocks(scenario, miners, &sessions)
        .saturating_mul(block_us)
        .saturating_add(besides.unwrap_or_default())
}

/// The blocks that transactions fill which cost so much in all: a block takes one if it has room for its gas `limit`,
/// whatever it uses of it.
fn share(cost: Cost, limit: u64, room: u64) -> f64 {
    let each = (cost.gas / cost.transactions.max(1)).max(1);
    let per_block = room.saturating_sub(limit) / each + 1;
    cost.transactions as f64 / per_block as f64
}

/// The gas limit of creating a session of the group.
fn create_limit(group: &OwnerGroup) -> u64 {
    let session = NewSession {
        name: group.name.clone(),
        min_nodes: group.min_nodes.into(),
        max_nodes: group.max_nodes.into(),
        redundancy: group.redundancy.largest().into(),
        mode: group.mode.code(),
        reserve: group.reserve,
    };
    gas_limit(&Call::Create(session), 0, 0)
}

//! Assignment of dedicated nodes to sessions.

use alloy::primitives::{Address, map::HashMap};

use super::{MinerPlan, OwnerPlan};
use crate::scenario::Scenario;

/// The dedicated nodes of an owner.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnerNodes {
    /// Those of each of its sessions.
    pub(super) sessions: Vec<Vec<Address>>,
    /// Those that no session has at first.
    pub(super) spare: Vec<Address>,
}

/// Deals out the miners of every group that owners take dedicated nodes from: first to every session its own, in the
/// order of groups, owners and sessions; then what is left one by one to the owners that exchange nodes. The result has
/// an entry for every owner, group after group.
pub(super) fn assign(scenario: &Scenario, miners: &[MinerPlan]) -> Vec<OwnerNodes> {
    let owners = || {
        let groups = scenario.owners.iter();
        groups.flat_map(|group| (0..group.count).map(move |_| group))
    };
    let mut assigned: Vec<OwnerNodes> = owners()
        .map(|group| OwnerNodes {
            sessions: vec![Vec::new(); group.sessions as usize],
            spare: Vec::new(),
        })
        .collect();
    for (index, from) in (0_u32..).zip(&scenario.miners) {
        let mut nodes = miners
            .iter()
            .filter(|miner| miner.group == index)
            .map(|miner| miner.key.address);
        let takers = || {
            owners().enumerate().filter_map(|(owner, group)| {
                let dedicated = group.dedicated.as_ref()?;
                (dedicated.group == from.name).then_some((owner, group, dedicated.nodes as usize))
            })
        };
        for (owner, _, each) in takers() {
            for session in &mut assigned[owner].sessions {
                session.extend(nodes.by_ref().take(each));
            }
        }
        let rotating: Vec<usize> = takers()
            .filter(|(_, group, _)| group.manage.dedicated.is_some())
            .map(|(owner, ..)| owner)
            .collect();
        for (owner, node) in rotating.iter().cycle().zip(nodes) {
            assigned[*owner].spare.push(node);
        }
    }
    assigned
}

/// Notes with every miner the owner that has it as a dedicated node: the contracts ask for the miner's consent.
pub(super) fn assign_to_miners(miners: &mut [MinerPlan], owners: &[OwnerPlan]) {
    let nodes = owners.iter().flat_map(|owner| {
        let spare = owner.manage.iter().flat_map(|manage| &manage.spare_nodes);
        let of_sessions = owner.sessions.iter().flat_map(|session| &session.dedicated);
        of_sessions
            .chain(spare)
            .map(move |node| (*node, owner.key.address))
    });
    let owner_of: HashMap<Address, Address> = nodes.collect();
    for miner in miners {
        miner.presence.dedicated_to = owner_of.get(&miner.key.address).copied();
    }
}

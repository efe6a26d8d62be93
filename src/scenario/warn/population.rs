//! Miners that nobody will have.

use crate::scenario::{MinerGroup, Scenario, path::KeyPath, problem::Problem, units::grouped};

pub(super) fn warnings(scenario: &Scenario) -> Vec<Problem> {
    let miners = KeyPath::root().key("miners");
    let mut warnings = Vec::new();
    for (index, group) in scenario.miners.iter().enumerate() {
        let path = miners.group(index, scenario.miners.len());
        warnings.extend(unused_nodes(scenario, group, &path));
        warnings.extend(undrawn(scenario, group, &path));
    }
    warnings
}

/// Miners that are kept for sessions that have enough.
fn unused_nodes(scenario: &Scenario, group: &MinerGroup, path: &KeyPath) -> Option<Problem> {
    let mut takers = scenario
        .owners
        .iter()
        .filter_map(|owners| Some((owners, owners.dedicated.as_ref()?)))
        .filter(|(_, dedicated)| dedicated.group == group.name)
        .peekable();
    takers.peek()?;
    let (mut used, mut exchanged) = (0_u64, false);
    for (owners, dedicated) in takers {
        used = used.saturating_add(owners.total_sessions().saturating_mul(dedicated.nodes.into()));
        exchanged |= owners.manage.dedicated.is_some();
    }
    let unused = u64::from(group.count)
        .checked_sub(used)
        .filter(|unused| *unused > 0)?;
    (!exchanged).then(|| {
        Problem::new(
            format!("`{path}`: {} miners are dedicated to no session", grouped(unused)),
            "the miners of a group that sessions have as dedicated nodes stay out of the pool: have fewer, or exchange \
             them (manage = { dedicated = \"1/min\" } of the owners)",
        )
        .at(path.key("count"), format!("sessions have {} of them", grouped(used)))
    })
}

/// Miners that enter the pool when nobody draws from it any more.
fn undrawn(scenario: &Scenario, group: &MinerGroup, path: &KeyPath) -> Option<Problem> {
    let draws = scenario.owners.iter().any(|owners| owners.manage.draws());
    if draws || !scenario.is_pooled(group) {
        return None;
    }
    group.join_after.as_ref().map(|_| {
        Problem::new(
            format!("`{path}`: no session will have these miners"),
            "a session draws its miners when it is opened or updated, and these join later: add manage = { reopen = \
             \"1/min\" } or manage = { update = \"1/min\" } to a group of owners",
        )
        .at(path.key("join_after"), "join when all sessions are open")
    })
}

//! Checks of the miners available to sessions: those of the pool, and dedicated ones.

use crate::scenario::{
    DedicatedNodes, Mode, OwnerGroup, Scenario, path::KeyPath, problem::Problem, suggest, units::grouped,
};

/// Everything about dedicated nodes that keeps the scenario from running.
pub(super) fn problems(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, group) in scenario.owners.iter().enumerate() {
        let path = super::owners_path(scenario, index);
        problems.extend(rotation(group, &path));
        if let Some(dedicated) = &group.dedicated {
            problems.extend(unknown_group(scenario, dedicated, &path));
            problems.extend(wrong_mode(group, &path));
            problems.extend(node_bounds(group, dedicated, &path));
        }
    }
    problems.extend(too_few_nodes(scenario));
    problems
}

/// Dedicated nodes come from a group of miners.
fn unknown_group(scenario: &Scenario, dedicated: &DedicatedNodes, path: &KeyPath) -> Option<Problem> {
    let names: Vec<&str> = scenario.miners.iter().map(|group| group.name.as_str()).collect();
    let name = dedicated.group.as_str();
    (!names.contains(&name)).then(|| {
        let help = suggest::meant(name, &names)
            .unwrap_or_else(|| format!("the groups of miners are {}", suggest::list(&names)));
        let path = path.key("dedicated").key("group");
        Problem::new(format!("`{path}`: no group of miners is named \"{name}\""), help)
            .at(path, "no such group")
    })
}

/// Sessions in mode 0 take no dedicated nodes.
fn wrong_mode(group: &OwnerGroup, path: &KeyPath) -> Option<Problem> {
    (group.mode == Mode::Ephemeral).then(|| {
        Problem::new(
            format!("`{path}`: sessions in mode \"ephemeral\" take no dedicated nodes"),
            "set mode = \"dedicated\" for dedicated nodes alone, or mode = \"hybrid\" to fill up from the pool",
        )
        .at(path.key("dedicated"), "has dedicated nodes")
        .at(path.key("mode"), "the mode is \"ephemeral\"")
    })
}

/// A session has at most `max_nodes` nodes, and takes tasks with `min_nodes` of them.
fn node_bounds(group: &OwnerGroup, dedicated: &DedicatedNodes, path: &KeyPath) -> Option<Problem> {
    let nodes = dedicated.nodes;
    let at = path.key("dedicated").key("nodes");
    let label = format!("{nodes} dedicated nodes");
    if nodes > group.max_nodes {
        let most = group.max_nodes;
        return Some(
            Problem::new(
                format!("`{path}`: a session gets {nodes} dedicated nodes, and may have only {most}"),
                format!("dedicated.nodes ≤ max_nodes must hold: set max_nodes = {nodes}, or nodes = {most}"),
            )
            .at(at, label)
            .at(path.key("max_nodes"), format!("`max_nodes` is {most}")),
        );
    }
    (group.mode == Mode::Dedicated && nodes < group.min_nodes).then(|| {
        let least = group.min_nodes;
        Problem::new(
            format!("`{path}`: a session gets {nodes} nodes, and takes no task with fewer than {least}"),
            format!("min_nodes ≤ dedicated.nodes must hold: set nodes = {least}, or min_nodes = {nodes}"),
        )
        .at(at, label)
        .at(path.key("min_nodes"), format!("`min_nodes` is {least}"))
    })
}

/// Only what a session has can be exchanged.
fn rotation(group: &OwnerGroup, path: &KeyPath) -> Option<Problem> {
    (group.manage.dedicated.is_some() && group.dedicated.is_none()).then(|| {
        Problem::new(
            format!("`{path}`: no dedicated nodes to exchange"),
            "give its sessions some: dedicated = { group = \"…\", nodes = 3 }",
        )
        .at(path.key("manage").key("dedicated"), "exchanges dedicated nodes")
    })
}

/// A dedicated node is one session's alone.
fn too_few_nodes(scenario: &Scenario) -> Vec<Problem> {
    let miners = KeyPath::root().key("miners");
    let groups = scenario.miners.iter().enumerate().filter_map(|(index, miners_group)| {
        let takers = scenario.owners.iter().enumerate().filter_map(|(index, group)| {
            let dedicated = group.dedicated.as_ref()?;
            let needed = group.total_sessions().saturating_mul(dedicated.nodes.into());
            (dedicated.group == miners_group.name).then_some((index, needed))
        });
        let takers: Vec<_> = takers.collect();
        let needed = takers.iter().fold(0_u64, |sum, (_, needed)| sum.saturating_add(*needed));
        if needed <= miners_group.count.into() {
            return None;
        }
        let count = miners.group(index, scenario.miners.len()).key("count");
        let problem = Problem::new(
            format!(
                "sessions have {} miners of the group \"{}\" as dedicated nodes, and there are only {}",
                grouped(needed),
                miners_group.name,
                grouped(miners_group.count.into())
            ),
            format!(
                "a dedicated node is one session's alone: have at least {} miners, or fewer sessions, or fewer nodes",
                grouped(needed)
            ),
        )
        .at(count, format!("{} miners", grouped(miners_group.count.into())));
        Some(takers.iter().fold(problem, |problem, (index, needed)| {
            let path = super::owners_path(scenario, *index);
            problem.at(
                path.key("dedicated").key("nodes"),
                format!("{} in all", grouped(*needed)),
            )
        }))
    });
    groups.collect()
}

/// Miners that a session takes out of the pool, or shares, when it is created: those that it draws at most.
pub(super) fn drawn(group: &OwnerGroup) -> u64 {
    match group.mode {
        Mode::Dedicated => 0,
        Mode::Ephemeral | Mode::Hybrid => group.max_nodes.into(),
    }
}

/// Miners that the pool must have so that a session can be created.
pub(super) fn needed(group: &OwnerGroup) -> u32 {
    match group.mode {
        Mode::Ephemeral => group.max_nodes,
        // It draws what there is, and gives miners back for its dedicated nodes.
        Mode::Hybrid => group
            .dedicated
            .as_ref()
            .map_or(group.max_nodes, |dedicated| {
                group.max_nodes.saturating_sub(dedicated.nodes)
            })
            .max(group.min_nodes),
        Mode::Dedicated => 0,
    }
}

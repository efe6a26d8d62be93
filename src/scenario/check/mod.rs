//! Checks between the values of a scenario; each on its own was checked when it was read.

mod chain;
mod faults;
mod load;
mod money;
mod population;
mod redundancy;

use super::{OwnerGroup, ProfileRun, Scenario, path::KeyPath, problem::Problem, units::grouped};
use crate::hardfork::Hardfork;

/// Gas of a `create` for each miner that it draws, at least: one fresh storage word.
const CREATE_GAS_PER_NODE: u64 = 22_100;
/// Gas that Osaka lets a transaction use: 2²⁴ (EIP-7825).
const OSAKA_TRANSACTION_GAS: u64 = 1 << 24;

/// Everything that keeps the scenario from running.
pub(super) fn problems(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, group) in scenario.owners.iter().enumerate() {
        let path = owners_path(scenario, index);
        problems.extend(node_bounds(group, &path));
        problems.extend(pool(scenario, group, &path));
        problems.extend(session_gas(scenario, group, &path));
        problems.extend(load::cost_unknown(scenario, group, &path));
    }
    for (group, path) in scenario.submitting().into_iter().zip(scenario.submitting_paths()) {
        problems.extend(load::problems(scenario, group, &path));
    }
    problems.extend(population::problems(scenario));
    problems.extend(reservations(scenario));
    problems.extend(duplicates(
        "owners",
        scenario.owners.iter().map(|group| group.name.as_str()),
    ));
    problems.extend(duplicates(
        "miners",
        scenario.miners.iter().map(|group| group.name.as_str()),
    ));
    problems.extend(scenario.profile.iter().flat_map(same_names));
    problems.extend(totals(scenario));
    problems.extend(chain::problems(scenario));
    problems.extend(faults::problems(scenario));
    problems.extend(money::problems(scenario));
    problems
}

/// The place of the number of miners: of the only group's count, or of all groups.
fn miners_path(scenario: &Scenario) -> KeyPath {
    let miners = KeyPath::root().key("miners");
    if scenario.miners.len() == 1 {
        miners.key("count")
    } else {
        miners
    }
}

/// The place of a group of owners.
pub(super) fn owners_path(scenario: &Scenario, index: usize) -> KeyPath {
    KeyPath::root().key("owners").group(index, scenario.owners.len())
}

fn miners_label(scenario: &Scenario) -> String {
    let pool = grouped(scenario.pool_at_setup());
    if scenario.pool_at_setup() == scenario.miner_count() {
        format!("{pool} miners in the pool")
    } else {
        format!("{pool} miners in the pool from the start, without those that are dedicated or join later")
    }
}

/// redundancy ≤ `min_nodes` ≤ `max_nodes`
fn node_bounds(group: &OwnerGroup, path: &KeyPath) -> Vec<Problem> {
    let OwnerGroup {
        min_nodes, max_nodes, ..
    } = *group;
    let mut problems: Vec<_> = redundancy::above_min_nodes(group, path).into_iter().collect();
    if min_nodes > max_nodes {
        problems.push(
            Problem::new(
                format!("`{path}`: a session needs {min_nodes} miners, and draws only {max_nodes}"),
                format!(
                    "min_nodes ≤ max_nodes must hold: set max_nodes = {min_nodes}, or min_nodes = {max_nodes}"
                ),
            )
            .at(path.key("max_nodes"), format!("`max_nodes` is {max_nodes}"))
            .at(path.key("min_nodes"), format!("`min_nodes` is {min_nodes}")),
        );
    }
    problems
}

/// `max_nodes` ≤ miners
fn pool(scenario: &Scenario, group: &OwnerGroup, path: &KeyPath) -> Option<Problem> {
    let available = scenario.pool_at_setup();
    let needed = population::needed(group);
    (u64::from(needed) > available).then(|| {
        let needs_a_bound = redundancy::needs_a_bound(group, available);
        let problem = Problem::new(
            format!("`{path}`: a session draws {needed} miners, and there are only {available}"),
            match available {
                0 => format!(
                    "have at least {needed} miners in a group that joins at the start and that no group of owners has \
                     dedicated nodes from"
                ),
                _ if needs_a_bound => format!(
                    "a session must have as many as a task may need: give `redundancy` a largest value, max = \
                     {available} or less, or have at least {needed} miners"
                ),
                _ => format!("set max_nodes to at most {available}, or have at least {needed} miners"),
            },
        );
        let problem = if needs_a_bound {
            problem.at(path.key("redundancy"), redundancy::label(group))
        } else {
            problem.at(
                path.key("max_nodes"),
                format!("`max_nodes` is {}", group.max_nodes),
            )
        };
        problem.at(miners_path(scenario), miners_label(scenario))
    })
}

/// Reserving sessions take their miners out of the pool; all of them, and one other session, must fit.
fn reservations(scenario: &Scenario) -> Option<Problem> {
    let reserved: u64 = scenario
        .owners
        .iter()
        .filter(|group| group.reserve)
        .map(reserved_by)
        .fold(0, u64::saturating_add);
    let shared = scenario
        .owners
        .iter()
        .filter(|group| !group.reserve)
        .map(|group| population::needed(group).into());
    let needed = reserved.saturating_add(shared.max().unwrap_or(0));
    let (first, _) = scenario
        .owners
        .iter()
        .enumerate()
        .find(|(_, group)| group.reserve)?;
    (needed > scenario.pool_at_setup()).then(|| {
        let mut problem = Problem::new(
            format!(
                "the sessions that reserve their miners need {} miners, those that do not draw from the rest",
                grouped(reserved)
            ),
            format!(
                "a reserving session takes its max_nodes miners out of the pool: have at least {} miners, or fewer \
                 sessions, or smaller ones, or reserve = false",
                grouped(needed)
            ),
        )
        .at(owners_path(scenario, first).key("reserve"), "reserves its miners")
        .at(miners_path(scenario), miners_label(scenario));
        // The numbers that the sum is made of: a stand-in for one of them says nothing.
        for (index, group) in scenario.owners.iter().enumerate().filter(|(_, group)| group.reserve) {
            let path = owners_path(scenario, index);
            problem = problem
                .at(path.key("count"), format!("{} sessions in all", grouped(group.total_sessions())))
                .at(path.key("max_nodes"), format!("{} miners each", group.max_nodes));
            if group.manage.reopen.is_some() {
                let reopen = path.key("manage").key("reopen");
                problem = problem.at(reopen, "and one session more of each owner while it is opened in another's place");
            }
        }
        problem
    })
}

/// Miners that a group's sessions take out of the pool, with one more session of each owner where sessions are opened in
/// the place of others: the old one keeps its miners until its tasks are over.
pub(super) fn reserved_by(group: &OwnerGroup) -> u64 {
    let reopened = group.manage.reopen.map_or(0, |_| u64::from(group.count));
    let sessions = group.total_sessions().saturating_add(reopened);
    sessions.saturating_mul(population::drawn(group))
}

/// A block, and under Osaka a transaction, must hold the creation of a session.
fn session_gas(scenario: &Scenario, group: &OwnerGroup, path: &KeyPath) -> Option<Problem> {
    let chain = &scenario.chain;
    let needed = u64::from(group.max_nodes) * CREATE_GAS_PER_NODE;
    let (limit, key, what) = match chain.hardfork {
        Hardfork::Osaka if chain.gas_limit > OSAKA_TRANSACTION_GAS => {
            (OSAKA_TRANSACTION_GAS, "hardfork", "a transaction under Osaka")
        }
        _ => (chain.gas_limit, "gas_limit", "a block"),
    };
    (needed > limit).then(|| {
        Problem::new(
            format!(
                "`{path}`: creating a session of {} miners takes at least {} gas, and {what} holds {}",
                group.max_nodes,
                grouped(needed),
                grouped(limit)
            ),
            format!(
                "set max_nodes to at most {}, or give the chain more room",
                limit / CREATE_GAS_PER_NODE
            ),
        )
        .at(
            path.key("max_nodes"),
            format!("`max_nodes` is {}", group.max_nodes),
        )
        .at(
            KeyPath::root().key("chain").key(key),
            format!("{what} holds {} gas", grouped(limit)),
        )
    })
}

/// Groups of a role have names of their own.
fn duplicates<'a>(role: &str, names: impl Iterator<Item = &'a str>) -> Vec<Problem> {
    let path = KeyPath::root().key(role);
    let names: Vec<_> = names.collect();
    let mut problems = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let Some(first) = names[..index].iter().position(|other| other == name) else {
            continue;
        };
        problems.push(
            Problem::new(
                format!("`{role}`: two groups are named \"{name}\""),
                "the keys of a group's members derive from its name: give each group its own",
            )
            .at(path.index(index).key("name"), "the same name again")
            .at(path.index(first).key("name"), "the first one"),
        );
    }
    problems
}

/// Groups of a profile's role have names of their own.
fn same_names(run: &ProfileRun) -> Vec<Problem> {
    let roles = 0..run.definition.roles.len();
    let of_role = |role| {
        let names = run.groups_of(role).map(|group| group.name.as_str());
        duplicates(run.role_name(role), names)
    };
    roles.flat_map(of_role).collect()
}

/// Actors, sessions and tasks in all.
fn totals(scenario: &Scenario) -> Vec<Problem> {
    let owners: u64 = scenario.owners.iter().map(|group| u64::from(group.count)).sum();
    let sessions = scenario
        .owners
        .iter()
        .map(OwnerGroup::total_sessions)
        .fold(0, u64::saturating_add);
    let of_roles = scenario.profile.iter().flat_map(|run| &run.groups);
    let of_roles: u64 = of_roles.map(|group| u64::from(group.count)).sum();
    let actors = owners + scenario.miner_count() + u64::from(scenario.oracle.count) + of_roles;
    let path = scenario.submitting_path();
    let bounds = [
        (
            "actors",
            actors,
            Scenario::MAX_ACTORS,
            "each holds a key, an account and its own state",
        ),
        (
            "sessions",
            sessions,
            Scenario::MAX_SESSIONS,
            "each is created by a transaction of its own",
        ),
        (
            "tasks",
            scenario.expected_tasks().unwrap_or(0),
            Scenario::MAX_TASKS,
            "each stays in memory until the run ends",
        ),
    ];
    bounds
        .into_iter()
        .filter(|(_, total, most, _)| total > most)
        .map(|(what, total, most, why)| {
            let (total, most) = (grouped(total), grouped(most));
            Problem::new(
                format!("the scenario has {total} {what}"),
                format!("at most {most} {what} in all: {why}"),
            )
            .at(path.clone(), format!("{total} {what} in all"))
        })
        .collect()
}

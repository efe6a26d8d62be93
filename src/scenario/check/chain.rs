//! Checks of the chain: known kind, supported options.

use crate::{
    mempool::BelowBaseFee,
    scenario::{BlockOrder, ChainKind, Scenario, path::KeyPath, problem::Problem, suggest},
};

/// Everything about the chain that keeps the scenario from running.
pub(super) fn problems(scenario: &Scenario) -> Vec<Problem> {
    let path = KeyPath::root().key("chain");
    let mut problems: Vec<_> = order_of_another_kind(scenario, &path).into_iter().collect();
    problems.extend(waiting_on_anvil(scenario, &path));
    problems.extend(fork_of_another_kind(scenario, &path));
    problems.extend(unknown_groups(scenario, &path.key("order")));
    problems
}

/// anvil orders by fees or by arrival.
fn order_of_another_kind(scenario: &Scenario, path: &KeyPath) -> Option<Problem> {
    let order = &scenario.chain.order;
    let known = matches!(order, BlockOrder::Fees | BlockOrder::Fifo);
    (scenario.chain.kind == ChainKind::Anvil && !known).then(|| {
        Problem::new(
            format!(
                "`{}`: anvil orders transactions by fees or by arrival only",
                path.key("order")
            ),
            "set order = \"fees\" or order = \"fifo\"; or kind = \"embedded\", a chain that knows all orders",
        )
        .at(path.key("order"), format!("the order is {}", order.name()))
        .at(path.key("kind"), "the chain is anvil")
    })
}

/// Anvil refuses transactions whose max fee is below the base fee.
fn waiting_on_anvil(scenario: &Scenario, path: &KeyPath) -> Option<Problem> {
    let chain = &scenario.chain;
    (chain.kind == ChainKind::Anvil && chain.below_base_fee == BelowBaseFee::Wait).then(|| {
        Problem::new(
            format!(
                "`{}`: anvil refuses transactions whose max fee is below the base fee",
                path.key("below_base_fee")
            ),
            "leave it out; or set kind = \"embedded\", a chain whose mempool can keep them",
        )
        .at(path.key("below_base_fee"), "they are to wait")
        .at(path.key("kind"), "the chain is anvil")
    })
}

/// Only anvil can fork, and only from one state.
fn fork_of_another_kind(scenario: &Scenario, path: &KeyPath) -> Option<Problem> {
    let chain = &scenario.chain;
    chain.fork.as_ref()?;
    let (fork, kind) = (path.key("fork"), path.key("kind"));
    if chain.kind == ChainKind::Embedded {
        let problem = Problem::new(
            format!("`{fork}`: the embedded chain cannot fork another"),
            "set kind = \"anvil\"; or give it a dump of the state: state = \"dump.json\"",
        );
        return Some(
            problem
                .at(fork, "forks a chain")
                .at(kind, "the chain is embedded"),
        );
    }
    chain.state.is_some().then(|| {
        let problem = Problem::new(
            format!("`{fork}`: a chain starts from a fork or from a dump, not from both"),
            "remove one of them",
        );
        problem
            .at(fork, "forks a chain")
            .at(path.key("state"), "loads a state")
    })
}

/// Only groups that exist can come last.
fn unknown_groups(scenario: &Scenario, path: &KeyPath) -> Vec<Problem> {
    let BlockOrder::Adversarial { last } = &scenario.chain.order else {
        return Vec::new();
    };
    let owners = scenario.owners.iter().map(|group| group.name.as_str());
    let of_roles = scenario.profile.iter().flat_map(|run| &run.groups);
    let groups: Vec<_> = owners
        .chain(scenario.miners.iter().map(|group| group.name.as_str()))
        .chain(of_roles.map(|group| group.name.as_str()))
        .collect();
    let whose = match &scenario.profile {
        Some(_) => "",
        None => " of owners or miners",
    };
    let path = path.key("adversarial").key("last");
    let unknown = last
        .iter()
        .enumerate()
        .filter(|(_, name)| !groups.contains(&name.as_str()));
    unknown
        .map(|(index, name)| {
            let help = suggest::meant(name, &groups)
                .unwrap_or_else(|| format!("the groups are {}", suggest::list(&groups)));
            Problem::new(format!("`{path}`: unknown group{whose}: \"{name}\""), help)
                .at(path.index(index), "unknown group")
        })
        .collect()
}

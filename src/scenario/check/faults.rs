//! Checks of faults: whom they may concern, and what the chain can do.

use crate::{
    fault::{Fault, FaultKind},
    scenario::{Scenario, path::KeyPath, problem::Problem, suggest},
};

/// Everything about the faults that keeps the scenario from running.
pub(super) fn problems(scenario: &Scenario) -> Vec<Problem> {
    let placed = FaultKind::ALL.into_iter().flat_map(|kind| {
        let path = KeyPath::root().key("faults").key(kind.name());
        let several = scenario.faults.of(kind).count();
        let faults = scenario.faults.of(kind).enumerate();
        faults.map(move |(index, fault)| (fault, path.group(index, several)))
    });
    placed
        .flat_map(|(fault, path)| unknown_target(scenario, fault, &path))
        .collect()
}

/// A fault can only concern those who take part.
fn unknown_target(scenario: &Scenario, fault: &Fault, path: &KeyPath) -> Vec<Problem> {
    let schema = scenario.schema();
    let roles: Vec<&str> = schema.roles.iter().map(|role| role.name()).collect();
    let groups: Vec<&str> = match &scenario.profile {
        Some(run) => run.groups.iter().map(|group| group.name.as_str()).collect(),
        None => {
            let owners = scenario.owners.iter().map(|group| group.name.as_str());
            owners
                .chain(scenario.miners.iter().map(|group| group.name.as_str()))
                .collect()
        }
    };
    let functions: Vec<&str> = schema.functions.iter().map(|function| function.name()).collect();
    let target = &fault.target;
    let wanted = [
        ("role", &target.role, &roles),
        ("group", &target.group, &groups),
        ("function", &target.function, &functions),
    ];
    wanted
        .into_iter()
        .filter_map(|(what, name, known)| {
            let name = name.as_deref().filter(|name| !known.contains(name))?;
            let help = suggest::meant(name, known)
                .unwrap_or_else(|| format!("the {what}s are {}", suggest::list(known)));
            let problem = Problem::new(format!("`{path}`: unknown {what}: \"{name}\""), help);
            Some(problem.at(path.clone(), format!("unknown {what}")))
        })
        .collect()
}

//! The plan as CSV.

use crate::{
    plan::{Key, LoadPlan, Plan},
    scenario::Scenario,
    time::Micros,
};

/// A row per arrival of an open load, in the order of time: `task` (from 0), `at_us` (since the load began), `group`,
/// `owner` (index within all owners), `session` (of that owner), `address`.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn arrivals_csv(scenario: &Scenario, plan: &Plan) -> Result<String, csv::Error> {
    let mut arrivals: Vec<(Micros, usize, u32)> = Vec::new();
    for (index, owner) in plan.owners.iter().enumerate() {
        if let LoadPlan::Open(own) = &owner.load {
            arrivals.extend(own.iter().map(|arrival| (arrival.at, index, arrival.session)));
        }
    }
    arrivals.sort_unstable();
    let mut rows = vec![["task", "at_us", "group", "owner", "session", "address"].map(str::to_owned)];
    rows.extend(
        arrivals
            .into_iter()
            .enumerate()
            .map(|(task, (at, index, session))| {
                let owner = &plan.owners[index];
                [
                    task.to_string(),
                    at.0.to_string(),
                    scenario.owners[owner.group as usize].name.clone(),
                    index.to_string(),
                    session.to_string(),
                    owner.key.address.to_string(),
                ]
            }),
    );
    written(rows)
}

/// A row per actor: `role`, `group` (empty for oracles), `index` within its role, `address`, and of an owner `sessions`
/// and `tasks`.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn actors_csv(scenario: &Scenario, plan: &Plan) -> Result<String, csv::Error> {
    let row = |role: &str, group: &str, index: usize, key: &Key, rest: [String; 2]| {
        let [sessions, tasks] = rest;
        let address = key.address.to_string();
        [
            role.into(),
            group.into(),
            index.to_string(),
            address,
            sessions,
            tasks,
        ]
    };
    let mut rows = vec![["role", "group", "index", "address", "sessions", "tasks"].map(str::to_owned)];
    rows.extend(plan.owners.iter().enumerate().map(|(index, owner)| {
        let group = &scenario.owners[owner.group as usize].name;
        let tasks = super::table::planned_tasks(owner).map_or_else(String::new, |tasks| tasks.to_string());
        let rest = [owner.sessions.len().to_string(), tasks];
        row("owner", group, index, &owner.key, rest)
    }));
    rows.extend(plan.miners.iter().enumerate().map(|(index, miner)| {
        let group = &scenario.miners[miner.group as usize].name;
        row("miner", group, index, &miner.key, Default::default())
    }));
    let oracles = plan.oracles.iter().enumerate();
    rows.extend(oracles.map(|(index, oracle)| row("oracle", "", index, &oracle.key, Default::default())));
    written(rows)
}

fn written(rows: Vec<[String; 6]>) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

//! The plan as CSV.

use super::submitter::Submitter;
use crate::{
    plan::{Key, Plan},
    scenario::{ProfileRun, Scenario},
    time::Micros,
};

/// A row per arrival of an open load, in the order of time: `task` (from 0), `at_us` (since the load began), `group`,
/// `owner` (index within all owners), `session` (of that owner), `address`. Of a profile `actor` (index within the submitting
/// role) in the place of owner and session.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn arrivals_csv(scenario: &Scenario, plan: &Plan) -> Result<String, csv::Error> {
    let (groups, submitters) = (scenario.submitting(), Submitter::all(plan));
    let mut arrivals: Vec<(Micros, usize, u32)> = Vec::new();
    for (index, submitter) in submitters.iter().enumerate() {
        arrivals.extend(submitter.arrivals().map(|(at, session)| (at, index, session)));
    }
    arrivals.sort_unstable();
    let (head, has_sessions) = match &scenario.profile {
        Some(_) => (&["task", "at_us", "group", "actor", "address"][..], false),
        None => (
            &["task", "at_us", "group", "owner", "session", "address"][..],
            true,
        ),
    };
    let rows = arrivals
        .into_iter()
        .enumerate()
        .map(|(task, (at, index, session))| {
            let submitter = &submitters[index];
            let begins = [
                task.to_string(),
                at.0.to_string(),
                groups[submitter.group].name.to_owned(),
                index.to_string(),
            ];
            let session = has_sessions.then(|| session.to_string());
            let rest = session.into_iter().chain([submitter.key.address.to_string()]);
            begins.into_iter().chain(rest).collect()
        });
    written(head, rows)
}

/// A row per actor: `role`, `group` (empty for oracles), `index` within its role, `address`, and of an owner `sessions`
/// and `tasks`; of a profile's actors, among them the deployer, no `sessions`.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn actors_csv(scenario: &Scenario, plan: &Plan) -> Result<String, csv::Error> {
    match &scenario.profile {
        Some(run) => written(
            &["role", "group", "index", "address", "tasks"],
            of_roles(run, plan).into_iter(),
        ),
        None => written(
            &["role", "group", "index", "address", "sessions", "tasks"],
            of_reference(scenario, plan).into_iter(),
        ),
    }
}

/// Owners, miners and oracles.
fn of_reference(scenario: &Scenario, plan: &Plan) -> Vec<Vec<String>> {
    let row = |role: &str, group: &str, index: usize, key: &Key, rest: [String; 2]| {
        let begins = actor(role, group, index, key);
        begins.into_iter().chain(rest).collect()
    };
    let submitters = Submitter::all(plan);
    let owners = plan.owners.iter().zip(&submitters).enumerate();
    let owners = owners.map(|(index, (owner, submitter))| {
        let group = &scenario.owners[owner.group as usize].name;
        let rest = [owner.sessions.len().to_string(), maybe(submitter.tasks)];
        row("owner", group, index, &owner.key, rest)
    });
    let miners = plan.miners.iter().enumerate().map(|(index, miner)| {
        let group = &scenario.miners[miner.group as usize].name;
        row("miner", group, index, &miner.key, Default::default())
    });
    let oracles = plan.oracles.iter().enumerate();
    let oracles = oracles.map(|(index, oracle)| row("oracle", "", index, &oracle.key, Default::default()));
    owners.chain(miners).chain(oracles).collect()
}

/// The actors of a profile, role after role, and the deployer.
fn of_roles(run: &ProfileRun, plan: &Plan) -> Vec<Vec<String>> {
    let actors = plan.profile.as_ref().map_or(&[][..], |profile| &profile.actors);
    let mut groups = Vec::new();
    for group in &run.groups {
        groups.extend((0..group.count).map(|_| group.name.as_str()));
    }
    // Both are in the order of the roles, group after group.
    let planned = plan.accounts().zip(groups.into_iter().chain([""]));
    let tasks = actors.iter().map(|actor| actor.load.as_ref()?.tasks);
    let rows = planned.zip(tasks.chain([None]));
    rows.map(|((account, group), tasks)| {
        let begins = actor(
            account.actor.role.name(),
            group,
            account.actor.index as usize,
            account.key,
        );
        begins.into_iter().chain([maybe(tasks)]).collect()
    })
    .collect()
}

fn actor(role: &str, group: &str, index: usize, key: &Key) -> [String; 4] {
    [
        role.to_owned(),
        group.to_owned(),
        index.to_string(),
        key.address.to_string(),
    ]
}

fn maybe(tasks: Option<u64>) -> String {
    tasks.map_or_else(String::new, |tasks| tasks.to_string())
}

fn written(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

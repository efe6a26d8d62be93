//! The plan's groups, as a table and as JSON.

use serde::Serialize;

use super::{drawn::Drawn, histogram};
use crate::{
    format::{Cell, Style, Table, human::count},
    plan::{LoadPlan, OwnerPlan, Plan},
    scenario::{Load, Scenario},
    units::format_duration,
};

/// The groups of a plan, and when tasks arrive; what `plan --json` prints.
#[derive(Debug, Serialize)]
pub struct PlanSummary {
    schema_version: u32,
    scenario: String,
    seed: u64,
    groups: Vec<Group>,
    /// Tasks over time, for people.
    #[serde(skip)]
    histogram: String,
}

/// A group of actors.
#[derive(Debug, Serialize)]
struct Group {
    role: &'static str,
    name: String,
    /// Actors in it, each with an account.
    count: u64,
    /// Sessions of all its owners.
    sessions: Option<u64>,
    /// Tasks that they submit; `None` where that depends on how fast they go.
    tasks: Option<u64>,
    /// Its load or its work, as a scenario file writes it.
    does: String,
    /// What its sessions or its miners drew of counts that are not the same for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drawn: Vec<Drawn>,
    /// When the first task arrives, in µs since the load began; `None` for a closed load.
    first_arrival_us: Option<u64>,
    /// When the last one does.
    last_arrival_us: Option<u64>,
    /// The address of its first account.
    first_address: Option<String>,
}

impl PlanSummary {
    /// The summary of the plan of `scenario`.
    #[must_use]
    pub fn of(scenario: &Scenario, plan: &Plan) -> Self {
        Self {
            schema_version: 1,
            scenario: scenario.name.clone(),
            seed: scenario.seed,
            groups: groups(scenario, plan),
            histogram: histogram::text(scenario, plan),
        }
    }

    /// The summary for people.
    #[must_use]
    pub fn text(&self) -> String {
        let rows = self.groups.iter().map(|group| {
            let time = |time| Cell::maybe(time, Cell::time_us);
            let drawn = group.drawn.iter().map(|drawn| format!("; {drawn}"));
            [
                group.role.into(),
                group.name.as_str().into(),
                Cell::count(group.count),
                Cell::maybe(group.sessions, Cell::count),
                Cell::maybe(group.tasks, Cell::count),
                time(group.first_arrival_us),
                time(group.last_arrival_us),
                (group.does.clone() + &drawn.collect::<String>()).into(),
            ]
        });
        let table = Table::default()
            .texts(["role", "group"])
            .numbers(["count", "sessions", "tasks", "first", "last"])
            .texts(["load or work"])
            .rows(rows);
        let accounts: u64 = self.groups.iter().map(|group| group.count).sum();
        format!(
            "{} · seed {} · {} accounts\n{}\n\n{}",
            self.scenario,
            self.seed,
            count(accounts),
            table.terminal(Style::Plain),
            self.histogram
        )
    }
}

/// Tasks that an owner submits, where the plan says it.
pub(super) fn planned_tasks(owner: &OwnerPlan) -> Option<u64> {
    owner.sessions.iter().map(|session| session.tasks).sum()
}

/// Every group of the plan.
fn groups(scenario: &Scenario, plan: &Plan) -> Vec<Group> {
    let owners = (0_u32..).zip(&scenario.owners).map(|(index, spec)| {
        let members: Vec<_> = plan.owners.iter().filter(|owner| owner.group == index).collect();
        let arrivals = || {
            members.iter().flat_map(|owner| match &owner.load {
                LoadPlan::Open(arrivals) => arrivals.as_slice(),
                LoadPlan::Closed { .. } => &[],
            })
        };
        let sessions = members.iter().flat_map(|owner| &owner.sessions);
        let redundancy = sessions.map(|session| session.spec.redundancy);
        let redundancy = Drawn::of("redundancy", &spec.redundancy, redundancy);
        let in_flight = match &spec.submissions.load {
            Load::BackToBack { in_flight, .. } => Drawn::of("in_flight", in_flight, closed(&members)),
            _ => None,
        };
        Group {
            role: "owner",
            name: spec.name.clone(),
            count: spec.count.into(),
            sessions: Some(spec.total_sessions()),
            tasks: members.iter().map(|owner| planned_tasks(owner)).sum(),
            does: spec.submissions.load.to_string(),
            drawn: redundancy.into_iter().chain(in_flight).collect(),
            first_arrival_us: arrivals().map(|arrival| arrival.at.0).min(),
            last_arrival_us: arrivals().map(|arrival| arrival.at.0).max(),
            first_address: members.first().map(|owner| owner.key.address.to_string()),
        }
    });
    let miners = (0_u32..).zip(&scenario.miners).map(|(index, spec)| {
        let members = || plan.miners.iter().filter(|miner| miner.group == index);
        let does = format!("work_time = {}", spec.work_time);
        let concurrency = members().map(|miner| miner.concurrency.into());
        let concurrency = Drawn::of("concurrency", &spec.concurrency, concurrency);
        let first = members().next().map(|miner| miner.key.address.to_string());
        Group {
            drawn: concurrency.into_iter().collect(),
            ..actors("miner", &spec.name, spec.count, does, first)
        }
    });
    let oracle = &scenario.oracle;
    let does = format!("check_interval = \"{}\"", format_duration(oracle.check_interval));
    let first = plan.oracles.first().map(|oracle| oracle.key.address.to_string());
    let oracles = (oracle.count > 0).then(|| actors("oracle", "", oracle.count, does, first));
    owners.chain(miners).chain(oracles).collect()
}

/// Tasks that each session of these owners keeps in flight.
fn closed(owners: &[&OwnerPlan]) -> impl Iterator<Item = u64> {
    let in_flight = owners.iter().flat_map(|owner| match &owner.load {
        LoadPlan::Closed { in_flight, .. } => in_flight.as_slice(),
        LoadPlan::Open(_) => &[],
    });
    in_flight.copied().map(u64::from)
}

fn actors(role: &'static str, name: &str, count: u32, does: String, first_address: Option<String>) -> Group {
    Group {
        role,
        name: name.to_owned(),
        count: count.into(),
        sessions: None,
        tasks: None,
        does,
        drawn: Vec::new(),
        first_arrival_us: None,
        last_arrival_us: None,
        first_address,
    }
}

//! The plan's groups, as a table and as JSON.

use std::iter;

use serde::Serialize;

use super::{drawn::Drawn, histogram, submitter::Submitter};
use crate::{
    format::{Cell, Style, Table, human::count},
    plan::Plan,
    scenario::{Load, ProfileRun, RoleGroup, Scenario, SubmittingGroup},
    units::format_duration,
};

/// The groups of a plan, and when tasks arrive; what `plan --json` prints.
#[derive(Debug, Serialize)]
pub struct PlanSummary {
    schema_version: u32,
    scenario: String,
    /// The profile's name; `None` for the reference protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'static str>,
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
    /// Sessions of all its owners; a profile knows none.
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
            profile: scenario.profile.as_ref().map(|run| run.definition.schema.name),
            seed: scenario.seed,
            groups: match &scenario.profile {
                Some(run) => of_roles(run, plan),
                None => of_reference(scenario, plan),
            },
            histogram: histogram::text(scenario, plan),
        }
    }

    /// The summary for people.
    #[must_use]
    pub fn text(&self) -> String {
        let has_sessions = self.profile.is_none();
        let rows = self.groups.iter().map(|group| {
            let time = |time| Cell::maybe(time, Cell::time_us);
            let drawn = group.drawn.iter().map(|drawn| format!("; {drawn}"));
            let mut cells = vec![
                group.role.into(),
                group.name.as_str().into(),
                Cell::count(group.count),
            ];
            cells.extend(has_sessions.then(|| Cell::maybe(group.sessions, Cell::count)));
            cells.extend([
                Cell::maybe(group.tasks, Cell::count),
                time(group.first_arrival_us),
                time(group.last_arrival_us),
                (group.does.clone() + &drawn.collect::<String>()).into(),
            ]);
            cells
        });
        let sessions = has_sessions.then_some("sessions");
        let table = Table::default()
            .texts(["role", "group"])
            .numbers(["count"])
            .numbers(sessions)
            .numbers(["tasks", "first", "last"])
            .texts([if has_sessions {
                "load or work"
            } else {
                "load or delays"
            }])
            .rows(rows);
        let accounts: u64 = self.groups.iter().map(|group| group.count).sum();
        let profile = self.profile.map_or_else(String::new, |name| format!(" · {name}"));
        format!(
            "{}{profile} · seed {} · {} accounts\n{}\n\n{}",
            self.scenario,
            self.seed,
            count(accounts),
            table.terminal(Style::Plain),
            self.histogram
        )
    }
}

/// A group that submits tasks; `members` are its own.
fn submitting(role: &'static str, spec: SubmittingGroup<'_>, members: &[Submitter<'_>]) -> Group {
    let arrivals = || members.iter().flat_map(|member| member.arrivals());
    let in_flight = match &spec.submissions.load {
        Load::BackToBack { in_flight, .. } => {
            let drawn = members.iter().flat_map(|member| member.in_flight());
            Drawn::of("in_flight", in_flight, drawn)
        }
        _ => None,
    };
    let does = spec.submissions.load.to_string();
    let first = members.first().map(|member| member.key.address.to_string());
    Group {
        tasks: members.iter().map(|member| member.tasks).sum(),
        drawn: in_flight.into_iter().collect(),
        first_arrival_us: arrivals().map(|(at, _)| at.0).min(),
        last_arrival_us: arrivals().map(|(at, _)| at.0).max(),
        ..actors(role, spec.name, spec.count, does, first)
    }
}

/// The members of the group that submits tasks at this place among such groups.
fn members<'a>(submitters: &[Submitter<'a>], group: usize) -> Vec<Submitter<'a>> {
    let members = submitters.iter().filter(|submitter| submitter.group == group);
    members.copied().collect()
}

/// Every group of a profile's roles.
fn of_roles(run: &ProfileRun, plan: &Plan) -> Vec<Group> {
    let submitters = Submitter::all(plan);
    let profile = plan.profile.as_ref();
    let actors_of_plan = profile.map_or(&[][..], |profile| &profile.actors);
    let mut before = 0;
    let group = |group: &RoleGroup| {
        let first = actors_of_plan.get(before);
        before += group.count as usize;
        let role = run.definition.schema.roles[group.role].name();
        let delays = run.definition.roles[group.role].delays.iter().zip(&group.delays);
        let delays = delays.map(|((name, _), delay)| format!("{name} = {delay}"));
        match group.submitting() {
            Some(spec) => {
                let place = first.map_or(0, |actor| actor.group as usize);
                let of = submitting(role, spec, &members(&submitters, place));
                let does: Vec<_> = iter::once(of.does.clone()).chain(delays).collect();
                Group {
                    does: does.join(", "),
                    ..of
                }
            }
            None => {
                let does: Vec<_> = delays.collect();
                let address = first.map(|actor| actor.key.address.to_string());
                actors(role, &group.name, group.count, does.join(", "), address)
            }
        }
    };
    run.groups.iter().map(group).collect()
}

/// Every group of owners, miners and oracles.
fn of_reference(scenario: &Scenario, plan: &Plan) -> Vec<Group> {
    let submitters = Submitter::all(plan);
    let owners = (0_u32..).zip(&scenario.owners).map(|(index, spec)| {
        let group = submitting("owner", spec.submitting(), &members(&submitters, index as usize));
        let owners = plan.owners.iter().filter(|owner| owner.group == index);
        let sessions = owners.flat_map(|owner| &owner.sessions);
        let redundancy = sessions.map(|session| session.spec.redundancy);
        let redundancy = Drawn::of("redundancy", &spec.redundancy, redundancy);
        Group {
            sessions: Some(spec.total_sessions()),
            drawn: redundancy.into_iter().chain(group.drawn).collect(),
            ..group
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

//! Random draws of the population without its keys: of a million actors these alone would take a minute.

use crate::{
    plan::{GroupLoad, concurrency, in_flight, owner_stream, redundancies},
    scenario::{Distribution, Load, MinerGroup, OwnerGroup, Scenario, units::Count},
    time::Micros,
};

/// Most owners, or miners, whose draws are made; of more, some in equal distances stand for all.
const MOST_DRAWN: u32 = 50_000;

/// The members whose draws are made, of so many.
fn members(count: u32) -> impl ExactSizeIterator<Item = u32> {
    (0..count).step_by(count.div_ceil(MOST_DRAWN).max(1) as usize)
}

/// What the owners of a group draw.
#[derive(Debug)]
pub(super) struct GroupDraws {
    /// When the tasks of an open load arrive.
    pub(super) arrivals: Vec<Micros>,
    /// Tasks in flight of all sessions of a closed load.
    pub(super) in_flight: u64,
    /// How many miners a task is given to, in the mean over the tasks. Where their number is not known, a session has as
    /// large a share of them as of those in flight.
    pub(super) redundancy: f64,
}

impl GroupDraws {
    /// The draws of the group.
    pub(super) fn of(scenario: &Scenario, group: &OwnerGroup) -> Self {
        let load = GroupLoad::of(scenario, group.submitting());
        let in_flight_of = |owner| in_flight(group.submitting(), owner_stream(scenario.seed, group, owner));
        let in_flight = match &group.submissions.load {
            Load::BackToBack {
                in_flight: Distribution::Constant(Count(tasks)),
                ..
            } => group.total_sessions().saturating_mul((*tasks).into()),
            _ => {
                let owners = members(group.count);
                let drawn = owners.len() as f64;
                let sum: f64 = owners.flat_map(in_flight_of).map(f64::from).sum();
                (sum * f64::from(group.count) / drawn).round() as u64
            }
        };
        let redundancy = match group.redundancy {
            Distribution::Constant(Count(redundancy)) => redundancy.into(),
            _ => mean_redundancy(scenario, group, &load, &in_flight_of),
        };
        Self {
            arrivals: load.arrivals,
            in_flight,
            redundancy,
        }
    }
}

fn mean_redundancy(
    scenario: &Scenario,
    group: &OwnerGroup,
    load: &GroupLoad,
    in_flight_of: &dyn Fn(u32) -> Vec<u32>,
) -> f64 {
    let (mut tasks, mut given) = (0.0, 0.0);
    for owner in members(group.count) {
        let mut in_flight = in_flight_of(owner).into_iter();
        let drawn = redundancies(scenario.seed, group, owner);
        for (redundancy, limit) in drawn
            .into_iter()
            .zip(load.session_tasks(group.submitting(), owner))
        {
            let in_flight = in_flight.next().map(u64::from);
            let own = limit.or(in_flight).unwrap_or_default() as f64;
            tasks += own;
            given += own * f64::from(redundancy);
        }
    }
    if tasks > 0.0 {
        given / tasks
    } else {
        group.redundancy.expected()
    }
}

/// Tasks that all miners can work on at once.
pub(super) fn places(scenario: &Scenario) -> f64 {
    let of = |group: &MinerGroup| match group.concurrency {
        Distribution::Constant(Count(places)) => f64::from(group.count) * f64::from(places),
        _ => {
            let miners = members(group.count);
            let drawn = miners.len() as f64;
            let sum: f64 = miners
                .map(|index| f64::from(concurrency(scenario.seed, group, index)))
                .sum();
            sum * f64::from(group.count) / drawn
        }
    };
    scenario.miners.iter().map(of).sum()
}

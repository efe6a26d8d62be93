//! Simpler scenarios: fewer faults, misdeeds, groups, actors and tasks.

use super::file::reread;
use crate::{
    fault::FaultPlan,
    protocol::BehaviourSpec,
    scenario::{Management, Scenario, TaskCount},
};

/// Tasks of a group of a small scenario.
const TASKS: u64 = 6;
/// Members of a group of a small scenario, where fewer can do.
const MEMBERS: u32 = 4;

/// The scenario with few tasks and actors, as far as it stays one that can run.
pub(super) fn small(scenario: &Scenario) -> Scenario {
    let mut best = scenario.clone();
    loop {
        let smaller = fewer_tasks(&best, TASKS)
            .into_iter()
            .chain(fewer_members(&best, MEMBERS));
        match smaller.into_iter().find(is_valid) {
            Some(smaller) => best = smaller,
            None => return best,
        }
    }
}

/// The simplest scenario for which `still` holds, at most after so many tries. It holds for the one that is given.
pub(super) fn simplest(
    scenario: &Scenario,
    tries: usize,
    still: &mut dyn FnMut(&Scenario) -> bool,
) -> Scenario {
    let (mut best, mut left) = (scenario.clone(), tries);
    'again: loop {
        for candidate in simpler(&best) {
            if left == 0 {
                return best;
            }
            if !is_valid(&candidate) {
                continue;
            }
            left -= 1;
            if still(&candidate) {
                best = candidate;
                continue 'again;
            }
        }
        return best;
    }
}

/// Whether it can be written to a file and read again.
fn is_valid(scenario: &Scenario) -> bool {
    reread(scenario).is_ok()
}

/// Scenarios that are simpler by one step, those first that leave out the most.
fn simpler(scenario: &Scenario) -> Vec<Scenario> {
    let mut all = Vec::new();
    let mut add = |change: &dyn Fn(&mut Scenario)| {
        let mut changed = scenario.clone();
        change(&mut changed);
        all.push(changed);
    };
    if !scenario.faults.is_empty() {
        add(&|scenario| scenario.faults = FaultPlan::default());
    }
    for place in 0..scenario.faults.faults.len() {
        add(&|scenario| {
            scenario.faults.faults.remove(place);
        });
    }
    let mut honest = scenario.clone();
    for (group, behaviours) in behaviours_mut(&mut honest).into_iter().enumerate() {
        for place in 0..behaviours.len() {
            add(&|scenario| {
                behaviours_mut(scenario)[group].remove(place);
            });
        }
    }
    for place in 0..scenario.owners.len() {
        add(&|scenario| {
            scenario.owners.remove(place);
        });
        if !scenario.owners[place].manage.is_empty() {
            add(&|scenario| scenario.owners[place].manage = Management::default());
        }
    }
    for place in 0..scenario.miners.len() {
        add(&|scenario| {
            scenario.miners.remove(place);
        });
        let group = &scenario.miners[place];
        if group.churn.is_some() || group.join_after.is_some() {
            add(&|scenario| {
                let group = &mut scenario.miners[place];
                (group.churn, group.join_after) = (None, None);
            });
        }
    }
    all.extend(fewer_tasks(scenario, 1));
    all.extend(fewer_members(scenario, 1));
    all
}

/// What every group of actors is up to.
fn behaviours_mut(scenario: &mut Scenario) -> Vec<&mut Vec<BehaviourSpec>> {
    let roles = scenario.profile.iter_mut().flat_map(|run| &mut run.groups);
    let owners = scenario.owners.iter_mut().map(|group| &mut group.behaviour);
    owners
        .chain(scenario.miners.iter_mut().map(|group| &mut group.behaviour))
        .chain([&mut scenario.oracle.behaviour])
        .chain(roles.map(|group| &mut group.behaviour))
        .collect()
}

/// The scenario with half the tasks of one group, or `least`, for each group that has more.
fn fewer_tasks(scenario: &Scenario, least: u64) -> Vec<Scenario> {
    let limits: Vec<u64> = scenario
        .submitting()
        .iter()
        .map(|group| {
            let expected = group.expected_tasks(scenario.chain.block_time);
            group.task_limit().or(expected).unwrap_or(u64::MAX)
        })
        .collect();
    let groups = limits.into_iter().enumerate();
    groups
        .filter(|(_, tasks)| *tasks > least)
        .flat_map(|(place, tasks)| {
            let fewer = [least, (tasks / 2).max(least)];
            fewer.map(|tasks| {
                let mut changed = scenario.clone();
                changed.submissions_mut()[place].tasks = Some(TaskCount::Total(tasks));
                changed
            })
        })
        .collect()
}

/// The scenario with half the members of one group, or `least`, for each that has more.
fn fewer_members(scenario: &Scenario, least: u32) -> Vec<Scenario> {
    let mut counted = scenario.clone();
    let counts = counts_mut(&mut counted).into_iter().map(|count| *count);
    let groups = counts.enumerate().collect::<Vec<_>>().into_iter();
    groups
        .filter(|(_, count)| *count > least)
        .flat_map(|(place, count)| {
            let fewer = [least, (count / 2).max(least)];
            fewer.map(|count| {
                let mut changed = scenario.clone();
                *counts_mut(&mut changed)[place] = count;
                changed
            })
        })
        .collect()
}

/// The number of members of every group, and of sessions of every owner's.
fn counts_mut(scenario: &mut Scenario) -> Vec<&mut u32> {
    let roles = scenario.profile.iter_mut().flat_map(|run| &mut run.groups);
    let owners = scenario.owners.iter_mut();
    owners
        .flat_map(|group| [&mut group.count, &mut group.sessions])
        .chain(scenario.miners.iter_mut().map(|group| &mut group.count))
        .chain(roles.map(|group| &mut group.count))
        .collect()
}

//! Every scenario of the library, cut down, on the embedded chain.

use std::{fs, path::PathBuf};

use taskstorm::scenario::{Loaded, Scenario, TaskCount};

use super::simulated;
use crate::support::node::root;

const TASKS: u64 = 60;
const OWNERS: u32 = 5;
const MINERS: u32 = 40;

/// The scenario with fewer actors and tasks, and otherwise the same.
fn cut(mut scenario: Scenario) -> Scenario {
    let groups = scenario.owners.len() as u64;
    for group in &mut scenario.owners {
        group.count = group.count.min(OWNERS);
        group.sessions = group.sessions.min(2);
        let tasks = group.expected_tasks(scenario.chain.block_time).unwrap_or(TASKS);
        group.tasks = Some(TaskCount::Total(tasks.min(TASKS / groups)));
    }
    let groups = scenario.miners.len() as u32;
    for group in &mut scenario.miners {
        group.count = group.count.min(MINERS / groups);
    }
    scenario
}

/// Every scenario of the library, cut down, with its file.
pub(crate) fn cut_down() -> Vec<(PathBuf, Scenario)> {
    let files = fs::read_dir(root().join("scenarios")).expect("the library");
    let mut scenarios = Vec::new();
    for path in files.map(|entry| entry.expect("a file").path()) {
        if path.extension().is_some_and(|extension| extension == "toml") {
            let loaded = Loaded::from_file(&path).unwrap_or_else(|error| panic!("{error:?}"));
            scenarios.push((path, cut(loaded.scenario)));
        }
    }
    assert!(scenarios.len() >= 4, "{} scenarios", scenarios.len());
    scenarios
}

#[test]
fn every_scenario_of_the_library_ends_all_its_tasks() {
    for (path, scenario) in cut_down() {
        // Reads the files back, and holds the books and rows against each other.
        let result = simulated(&scenario.to_toml()).result;
        let tasks = &result.tasks;
        let name = path.display();
        assert!(tasks.submitted > 0 && tasks.submitted <= TASKS, "{name}");
        assert_eq!(tasks.ended, tasks.submitted, "{name}: {tasks:?}");
        assert_eq!(
            result.transactions.failed(),
            0,
            "{name}: {:?}",
            result.transactions
        );
    }
}

//! The scenario library: every file reads well, and every one shows what it promises.

mod digests;
mod files;
mod promises;
mod runs;

use std::{
    fs,
    path::{Path, PathBuf},
};

use taskstorm::scenario::{Loaded, Scenario, TaskCount};

use crate::support::node::root;

const TASKS: u64 = 60;
const OWNERS: u32 = 5;
const MINERS: u32 = 40;

/// The scenario files of the library, in the order of their names.
fn all() -> Vec<PathBuf> {
    let files = fs::read_dir(root().join("scenarios")).expect("the library");
    let mut files: Vec<_> = files
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    assert!(files.len() >= 26, "{} scenarios", files.len());
    files
}

/// What a scenario of the library is called: its file's stem.
fn name(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).expect("a name")
}

/// The scenario with fewer actors and tasks, and otherwise the same.
fn cut(mut scenario: Scenario) -> Scenario {
    let groups = scenario.owners.len() as u64;
    for group in &mut scenario.owners {
        group.count = group.count.min(OWNERS);
        group.sessions = group.sessions.min(2);
        let tasks = group.expected_tasks(scenario.chain.block_time).unwrap_or(TASKS);
        group.submissions.tasks = Some(TaskCount::Total(tasks.min(TASKS / groups)));
    }
    let groups = scenario.miners.len() as u32;
    for group in &mut scenario.miners {
        group.count = group.count.min(MINERS / groups);
    }
    scenario
}

/// Every scenario of the library, cut down, with its file. Those that replay a trace need all their owners and are not
/// among them.
pub(crate) fn cut_down() -> Vec<(PathBuf, Scenario)> {
    let scenarios = all().into_iter().map(|path| {
        let loaded = Loaded::from_file(&path).unwrap_or_else(|error| panic!("{error:?}"));
        (path, loaded.scenario)
    });
    scenarios
        .filter(|(_, scenario)| scenario.data.is_empty())
        .map(|(path, scenario)| (path, cut(scenario)))
        .collect()
}

//! Every scenario of the library, run on the embedded chain as a user would scale it down.

use std::{collections::BTreeMap, sync::LazyLock, thread};

use taskstorm::record::TimeSource;

use super::{digests::digest, name};
use crate::support::{folder::Folder, node::root, place::files, taskstorm::Taskstorm};

/// What is given beside each scenario so that it ends within seconds; what it shows stays visible.
const SCALED: [(&str, &[&str]); 29] = [
    ("block-gas-limited", &["--duration=15s"]),
    // The first burst and a second of rest.
    ("bursts", &["--duration=6s"]),
    ("censoring-builder", &[]),
    (
        "churn",
        &["--duration=60s", "--set=owners.manage.reopen={ every_tasks = 8 }"],
    ),
    ("colluding-quorum", &["--duration=20s"]),
    ("copycat", &["--duration=20s"]),
    ("fee-market", &["--set=owners.tasks=160"]),
    ("interactive", &["--duration=30s", "--set=owners.count=20"]),
    ("large-payloads", &["--duration=10s"]),
    ("late-miners", &[]),
    ("lazy-miners", &["--duration=20s"]),
    (
        "million",
        &[
            "--set=owners.count=20",
            "--set=miners.count=200",
            "--set=owners.tasks=200",
            "--set=owners.load={ constant = \"100/s\" }",
        ],
    ),
    ("oracle-outage", &[]),
    ("paid", &[]),
    (
        "punctual",
        &[
            "--set=owners.count=10",
            "--set=miners.count=60",
            "--set=owners.tasks=200",
        ],
    ),
    ("quickstart", &["--set=owners.tasks=90"]),
    // A quarter of the miners, and a ramp that goes a quarter as high in a third of the time.
    (
        "ramp",
        &[
            "--set=miners.count=15",
            "--set=owners.load={ from = \"1/s\", stages = [{ for = \"20s\", to = \"10/s\" }] }",
        ],
    ),
    ("random-bursts", &["--duration=12s"]),
    ("redundancy-1", &["--duration=10s"]),
    ("redundancy-3", &["--duration=10s"]),
    ("redundancy-7", &["--duration=10s"]),
    ("reorg-weather", &[]),
    // The first burst and the time that it takes to work it off.
    ("sessions-dedicated", &["--duration=15s"]),
    ("sessions-ephemeral", &["--duration=15s"]),
    ("slow-inference", &["--duration=60s"]),
    ("smoke", &[]),
    ("steady-poisson", &["--duration=6s"]),
    (
        "stress",
        &[
            "--set=owners.count=10",
            "--set=miners.count=50",
            "--set=owners.tasks={ per_session = 10 }",
        ],
    ),
    ("trace-replay", &["--duration=5s"]),
];

/// Runs at once; each takes a core.
const AT_ONCE: usize = 2;

/// A run that ended.
pub(super) struct Run {
    folder: Folder,
    /// The digest of each of its files, by name.
    pub(super) digests: BTreeMap<String, String>,
}

/// Every run, by scenario.
static RUNS: LazyLock<BTreeMap<&str, Run>> = LazyLock::new(|| {
    let size = SCALED.len().div_ceil(AT_ONCE);
    thread::scope(|scope| {
        let workers: Vec<_> = SCALED
            .chunks(size)
            .map(|rows| {
                scope.spawn(move || {
                    rows.iter()
                        .map(|row| (row.0, run(row.0, row.1)))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let runs = workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("it ran"));
        runs.collect()
    })
});

fn run(name: &str, arguments: &[&str]) -> Run {
    let file = root().join(format!("scenarios/{name}.toml"));
    let file = file.to_str().expect("a path of text");
    let run = ["run", file, "--out", "out", "--chain", "embedded", "--quiet"];
    // Charts take most of the time; those of one show whether they change.
    let charts = (name != "smoke").then_some("--no-charts");
    let ended = Taskstorm::new(run).args(charts).args(arguments).end();
    let folder = ended.success();
    let result = &folder.result;
    assert_eq!(result.scenario.name, name);
    assert_eq!(result.clock, TimeSource::Virtual, "{name}");
    assert!(
        (8..=700).contains(&result.tasks.submitted),
        "{name}: {:?}",
        result.tasks
    );
    assert_eq!(result.tasks.unfinished, 0, "{name}: {:?}", result.tasks);
    assert_eq!(result.invariants.violated, 0, "{name}");
    assert!(result.thresholds.iter().all(|verdict| verdict.held), "{name}");
    let digests = files(&ended.out())
        .into_iter()
        .map(|(file, bytes)| (file, digest(&bytes)))
        .collect();
    Run { folder, digests }
}

/// Every run, by scenario.
pub(super) fn all() -> &'static BTreeMap<&'static str, Run> {
    &RUNS
}

/// What is in the files of a scenario's run.
pub(super) fn of(name: &str) -> &'static Folder {
    let run = RUNS.get(name).unwrap_or_else(|| panic!("no run of {name}"));
    &run.folder
}

#[test]
fn every_scenario_ends_its_tasks() {
    let names: Vec<_> = RUNS.keys().copied().collect();
    let files = super::all();
    assert_eq!(names, files.iter().map(|file| name(file)).collect::<Vec<_>>());
    for (name, run) in all() {
        let result = &run.folder.result;
        // Where miners come and go, a task may lose all of its own. A miner that finishes its work in the block that closes
        // the phase comes too late.
        let (failed, reverted) = match *name {
            "churn" => (result.tasks.submitted / 100, 0),
            "late-miners" => (result.tasks.submitted / 2, u64::MAX),
            "slow-inference" => (0, 10),
            _ => (0, 0),
        };
        assert!(result.tasks.failed <= failed, "{name}: {:?}", result.tasks);
        let transactions = &result.transactions;
        assert!(transactions.failed() <= reverted, "{name}: {transactions:?}");
    }
}

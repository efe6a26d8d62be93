//! Runs to compare, each in its folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use taskstorm::{
    compare::{CompareSettings, Comparison, Verdict, compare},
    protocol::REFERENCE,
    record::{Progress, Recorder, RunResult},
    run::{Simulation, parallel_map_seeds, simulate},
    run_folder::{FinishedRun, RunDir, RunFolder},
    scenario::{Loaded, Override, Scenario},
};
use tokio_util::sync::CancellationToken;

use crate::support::place::Place;

/// Phases of different lengths, payloads and delays that are random, and blocks that are short beside them.
pub(super) const SCENARIO: &str = r#"
name = "compared"
seed = 1
[chain]
kind = "embedded"
block_time = "250ms"
[owners]
count = 4
min_nodes = 2
max_nodes = 4
redundancy = 2
tasks = 300
load = { poisson = "10/s" }
payload_size = { uniform = ["32 B", "96 B"] }
[miners]
count = 16
concurrency = 50
ack_delay = { uniform = ["10ms", "300ms"] }
work_time = { uniform = ["1.5s", "2.5s"] }
commit_delay = { uniform = ["10ms", "600ms"] }
[oracle]
check_interval = "500ms"
"#;

/// Folders of runs.
pub(super) struct Runs {
    pub(super) place: Place,
}

impl Runs {
    pub(super) fn new() -> Self {
        Self { place: Place::new() }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.place.path(name)
    }

    /// Runs the scenario with each of these seeds, changed by `set`, in `<name>/seed-<seed>`.
    pub(super) fn run(&self, name: &str, seeds: &[u64], set: &[&str]) {
        self.run_as_it_ends(name, seeds, set);
        for seed in seeds {
            let result = self.result(&format!("{name}/seed-{seed}"));
            assert!(result.complete && result.tasks.ended == result.tasks.submitted);
        }
    }

    /// The same, whatever becomes of the tasks.
    pub(super) fn run_as_it_ends(&self, name: &str, seeds: &[u64], set: &[&str]) {
        self.run_scenario(SCENARIO, name, seeds, set);
    }

    /// The same of another scenario.
    pub(super) fn run_scenario(&self, scenario: &str, name: &str, seeds: &[u64], set: &[&str]) {
        parallel_map_seeds(seeds, |seed| {
            let mut overrides: Vec<Override> = set.iter().map(|set| Override::set(set)).collect();
            overrides.push(Override::seed(seed));
            let loaded = Loaded::from_toml_with("scenario", scenario, &overrides).expect("a scenario");
            write_run(&self.path(&format!("{name}/seed-{seed}")), &loaded.scenario);
        });
    }

    /// The result of a run.
    pub(super) fn result(&self, run: &str) -> RunResult {
        let folder = RunFolder::open(self.path(run)).expect("a run");
        assert_eq!(folder.damage(), []);
        folder.result().clone()
    }

    /// Multiplies the gas of every call of `function` in these rows.
    pub(super) fn plant_gas(&self, run: &str, function: &str, factor: f64) {
        let path = self.path(run).join("transactions.csv");
        let text = fs::read_to_string(&path).expect("rows");
        let mut lines = text.lines();
        let header = lines.next().expect("a header");
        let place = |column: &str| {
            let found = header.split(',').position(|name| name == column);
            found.expect("a column")
        };
        let (called, gas) = (place("function"), place("gas_used"));
        let mut planted = format!("{header}\n");
        for line in lines {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            if cells[called] == function && !cells[gas].is_empty() {
                let used: f64 = cells[gas].parse().expect("gas");
                cells[gas] = format!("{}", (used * factor).round() as u64);
            }
            planted.push_str(&cells.join(","));
            planted.push('\n');
        }
        fs::write(path, planted).expect("it is written");
    }

    /// Compares folders of runs.
    pub(super) fn compare(&self, base: &str, new: &str, settings: &CompareSettings) -> Comparison {
        compare(&[self.path(base)], &[self.path(new)], settings).expect("they can be compared")
    }
}

fn write_run(folder: &Path, scenario: &Scenario) {
    let mut dir = RunDir::create(folder).expect("a folder");
    let recorder = Recorder::new(REFERENCE).with_journal(dir.journal());
    let ran = simulate(scenario, recorder, &CancellationToken::new(), |_: &Progress| {});
    let Simulation {
        result, histograms, ..
    } = ran.expect("it runs");
    dir.write(&FinishedRun {
        result: &result,
        histograms: &histograms,
        scenario: &scenario.to_toml(),
    })
    .expect("it is written");
}

/// Fewer resamples than are usual: intervals become a little less smooth, and no narrower.
pub(super) fn settings() -> CompareSettings {
    CompareSettings {
        resamples: 2_000,
        ..CompareSettings::default()
    }
}

/// The metrics with this verdict.
pub(super) fn with(comparison: &Comparison, verdict: Verdict) -> Vec<&str> {
    let of_it = comparison.verdicts().filter(|(_, became)| *became == verdict);
    of_it.map(|(name, _)| name).collect()
}

//! `taskstorm compare --artifacts`: runs a scenario with two builds of the contracts.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{
    Exit, Failure,
    chain::ChainArgs,
    run::exit,
    scenario::{artifacts, log_warnings},
    signals,
};
use crate::{
    record::{Progress, RunResult},
    report::run::log_problems,
    run::{ChainChoice, parallel_map_seeds},
    run_folder::{FolderRun, RunDir, RunDirError, run_into_folder, seed_folder, simulate_into_folder},
    scenario::{Loaded, Override, Scenario, Seeds},
};

/// Flags that choose two builds of the contracts and how they run.
#[derive(Clone, Debug, Args)]
pub(super) struct BuildArgs {
    /// Builds of the contracts to compare, baseline first: each a folder of Foundry or Hardhat artifacts, the root of such
    /// a project, or a file of solc's JSON output. Given once, the baseline is what the scenario deploys.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["base_dirs", "new_dirs"])]
    artifacts: Vec<PathBuf>,
    /// With --artifacts: run both builds with each of these seeds (1..8, both included, or 1,5,9).
    #[arg(long, value_name = "SEEDS", requires = "artifacts")]
    seeds: Option<Seeds>,
    /// With --artifacts: override a value of the scenario; repeatable.
    #[arg(long, value_name = "KEY=VALUE", requires = "artifacts")]
    set: Vec<String>,
    /// With --artifacts: folder for the runs [default: reports/<scenario>-<UTC time>].
    #[arg(long, value_name = "DIR", requires = "artifacts")]
    runs: Option<PathBuf>,
    #[command(flatten)]
    chain: ChainArgs,
}

/// The runs of two builds.
pub(super) struct Ran {
    /// The folders of the baseline's runs.
    pub(super) baseline: Vec<PathBuf>,
    /// The folders of the candidate's runs.
    pub(super) candidate: Vec<PathBuf>,
    /// Whether all runs completed, so that they can be compared.
    pub(super) are_complete: bool,
    /// How the runs alone would end the process: the gravest of all, thresholds of the baseline apart.
    pub(super) exit: Exit,
}

impl BuildArgs {
    /// Whether builds are compared.
    pub(super) fn is_given(&self) -> bool {
        !self.artifacts.is_empty()
    }

    /// Refuses flags of runs where none are made.
    pub(super) fn refuse_alone(&self) -> Result<(), Failure> {
        let Some(flag) = self.chain.given() else {
            return Ok(());
        };
        Err(Failure::usage(
            format!("{flag} applies only to runs of --artifacts"),
            "give the builds to compare with --artifacts, or remove the flag",
        ))
    }

    /// Runs the scenario in `file` with both builds.
    pub(super) async fn run(self, file: &Path, quiet: bool) -> Result<Ran, Failure> {
        if self.artifacts.len() > 2 {
            return Err(Failure::usage(
                "--artifacts is given more than twice",
                "give the baseline's and the candidate's, or the candidate's alone",
            ));
        }
        let load = |build: Option<&PathBuf>| self.load(file, build.map(PathBuf::as_path));
        let (old, new) = match self.artifacts.as_slice() {
            [new] => (load(None)?, load(Some(new))?),
            both => (load(both.first())?, load(both.last())?),
        };
        let digest = new.digest_of_contracts();
        if old.digest_of_contracts() == digest {
            tracing::warn!("both builds deploy the same code: {digest}");
        }
        let chain = self.chain.choice(old.chain.kind, None)?;
        let all =
            RunDir::create_for_seeds(self.runs.as_deref(), &old.name, Timestamp::now()).map_err(no_folder)?;
        let seeds: Vec<u64> = self
            .seeds
            .as_ref()
            .map_or_else(|| vec![old.seed], |seeds| seeds.iter().collect());
        let stop = signals::stop_on_signal().map_err(Failure::unexpected)?;
        let mut cells = Vec::new();
        for seed in &seeds {
            for (name, scenario) in [("baseline", &old), ("candidate", &new)] {
                let folder = all.join(name).join(seed_folder(*seed));
                let scenario = Scenario {
                    seed: *seed,
                    ..scenario.clone()
                };
                cells.push((name == "candidate", scenario, folder));
            }
        }
        let results = if chain.is_virtual(&old) {
            let numbers: Vec<u64> = (0..cells.len() as u64).collect();
            let ran = parallel_map_seeds(&numbers, |number| {
                let (_, scenario, folder) = &cells[number as usize];
                simulated(scenario, folder, &stop)
            });
            ran.into_iter().collect::<Result<Vec<_>, _>>()?
        } else {
            let mut ran = Vec::new();
            for (_, scenario, folder) in &cells {
                if !quiet {
                    tracing::info!("running {}", folder.display());
                }
                ran.push(on_node(scenario, folder, &chain, &stop).await?);
            }
            ran
        };
        let mut gravest = Exit::Done;
        for ((is_candidate, _, folder), result) in cells.iter().zip(&results) {
            let ended = exit(result);
            if ended != Exit::Done {
                tracing::warn!("the run in {} {}", folder.display(), trouble(result));
                log_problems(result);
            }
            // A threshold that the baseline fails, too, says nothing about the candidate.
            let counts = *is_candidate || ended != Exit::Threshold;
            if counts && ended as u8 > gravest as u8 {
                gravest = ended;
            }
        }
        let folders = |candidate: bool| {
            let of = cells
                .iter()
                .filter(|(is_candidate, ..)| *is_candidate == candidate);
            of.map(|(_, _, folder)| folder.clone()).collect()
        };
        Ok(Ran {
            baseline: folders(false),
            candidate: folders(true),
            are_complete: results.iter().all(|result| result.complete),
            exit: gravest,
        })
    }

    /// The scenario with one of the builds. Its thresholds are judged at the end: both runs are to be whole.
    fn load(&self, file: &Path, build: Option<&Path>) -> Result<Scenario, Failure> {
        let set = self.set.iter().map(|assignment| Override::set(assignment));
        let kind = self.chain.kind().map(Override::chain_kind);
        let overrides: Vec<Override> = set.chain(kind).chain(build.map(artifacts)).collect();
        let Loaded {
            mut scenario,
            warnings,
        } = Loaded::with_overrides(file, &overrides)?;
        log_warnings(warnings);
        for threshold in &mut scenario.thresholds {
            threshold.stop_early = false;
        }
        Ok(scenario)
    }
}

/// What a run that did not end well is to be told by.
fn trouble(result: &RunResult) -> String {
    let invariants = &result.invariants;
    match invariants.violations.first() {
        Some(first) => {
            format!("broke invariants {} times, first {first}", invariants.violated)
        }
        None => format!("did not succeed: {}", result.stop_reason.description()),
    }
}

fn simulated(scenario: &Scenario, folder: &Path, stop: &CancellationToken) -> Result<RunResult, Failure> {
    let dir = RunDir::create(folder).map_err(no_folder)?;
    finished(simulate_into_folder(
        dir,
        scenario,
        true,
        stop,
        |_: &Progress| {},
    )?)
}

async fn on_node(
    scenario: &Scenario,
    folder: &Path,
    chain: &ChainChoice,
    stop: &CancellationToken,
) -> Result<RunResult, Failure> {
    let dir = RunDir::create(folder).map_err(no_folder)?;
    finished(run_into_folder(dir, scenario, chain, true, stop.clone(), |_: &Progress| {}).await?)
}

fn finished(run: FolderRun) -> Result<RunResult, Failure> {
    run.written.map_err(Failure::unexpected)?;
    Ok(run.result)
}

fn no_folder(error: RunDirError) -> Failure {
    Failure::plain(Exit::Usage, error)
}

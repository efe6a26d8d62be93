//! The runs of one side.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    record::Clock,
    report::read::{ReadError, RunFolder},
};

/// What a comparison says of a run that it is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunFacts {
    /// Its folder.
    pub folder: PathBuf,
    /// Its scenario's name.
    pub scenario: String,
    /// Its seed.
    pub seed: u64,
    /// What it ran on.
    pub chain: String,
    /// The hardfork whose gas rules applied; `None` if unknown.
    pub hardfork: Option<String>,
    /// What its times were measured by.
    pub clock: Clock,
    /// Whether it did all that it was to do.
    pub complete: bool,
    /// Tasks that it submitted.
    pub tasks: u64,
    /// Its transactions in blocks.
    pub transactions: u64,
}

impl RunFacts {
    pub(super) fn of(folder: &RunFolder) -> Self {
        let result = folder.result();
        Self {
            folder: folder.path().to_owned(),
            scenario: result.scenario.name.clone(),
            seed: result.scenario.seed,
            chain: result.chain.kind.clone(),
            hardfork: result.chain.hardfork.clone(),
            clock: result.clock,
            complete: result.complete,
            tasks: result.tasks.submitted,
            transactions: result.transactions.in_blocks(),
        }
    }
}

/// Opens the runs in these folders, in their order: each is the folder of a run or one of several.
pub(super) fn open(paths: &[PathBuf]) -> Result<Vec<RunFolder>, ReadError> {
    let mut runs = Vec::new();
    for path in paths {
        match RunFolder::open(path) {
            Err(ReadError::SeveralRuns { .. }) => {
                for run in inside(path)? {
                    runs.push(RunFolder::open(run)?);
                }
            }
            opened => runs.push(opened?),
        }
    }
    runs.sort_by_key(|run| run.result().scenario.seed);
    Ok(runs)
}

/// The folders of runs in a folder of several.
fn inside(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let io = |cause| ReadError::Io {
        path: folder.to_owned(),
        cause,
    };
    let mut runs = Vec::new();
    for entry in fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let is_run = ["summary.json", "tasks.csv", "transactions.csv"]
            .iter()
            .any(|file| path.join(file).is_file());
        if is_run {
            runs.push(path);
        }
    }
    runs.sort();
    Ok(runs)
}

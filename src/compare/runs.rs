//! The runs of a baseline or a candidate.

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    record::{BuildFacts, TimeSource},
    run_folder::{ReadError, RunFolder, runs_in},
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
    /// The chain that it ran on.
    pub chain: String,
    /// The hardfork whose gas rules applied; `None` if unknown.
    pub hardfork: Option<String>,
    /// Source and digest of the contracts; `None` if unknown.
    pub contracts: Option<String>,
    /// The time source.
    pub clock: TimeSource,
    /// Whether it completed.
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
            contracts: result.chain.contract_build.as_ref().map(BuildFacts::short),
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
        for run in runs_in(path)? {
            runs.push(RunFolder::open(run)?);
        }
    }
    runs.sort_by_key(|run| run.result().scenario.seed);
    Ok(runs)
}

//! Runs whose files are in a folder: one sequence for single runs, seeds and the cells of a sweep.

use std::{path::Path, time::Instant};

use jiff::Timestamp;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use super::{ExportError, FinishedRun, Host, RunDir};
use crate::{
    driver::RunObserver,
    record::{Histograms, Recorder, RunResult, TimeSource},
    run::{self, ChainChoice, RunError, simulate},
    scenario::Scenario,
};

/// The reason why a run into a folder could not begin. The folder is gone then, if the run made it.
#[derive(Debug, Error)]
pub enum FolderRunError {
    /// The scenario or its data files could not be written.
    #[error(transparent)]
    Files(#[from] ExportError),
    /// The run could not begin.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// A run that is over, and the folder that holds its files.
#[derive(Debug)]
pub struct FolderRun {
    /// Its result.
    pub result: RunResult,
    /// Its latency histograms.
    pub histograms: Histograms,
    /// What it took in real time.
    pub host: Host,
    /// Whether all files could be written.
    pub written: Result<(), ExportError>,
    scenario: String,
    dir: RunDir,
}

impl FolderRun {
    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// What exporters need of it.
    #[must_use]
    pub fn finished(&self) -> FinishedRun<'_> {
        FinishedRun {
            result: &self.result,
            histograms: &self.histograms,
            scenario: &self.scenario,
        }
    }
}

/// A folder with the scenario and its data files, in which a run begins.
struct Begun {
    scenario: String,
    dir: RunDir,
    started_at: Timestamp,
    began: Instant,
}

/// Runs `scenario` on `chain` and writes all files into `dir`; without a row per transaction unless `transactions` are wanted.
///
/// # Errors
/// [`FolderRunError`] if it could not begin.
pub async fn run_into_folder(
    dir: RunDir,
    scenario: &Scenario,
    chain: &ChainChoice,
    transactions: bool,
    stop: CancellationToken,
    observer: impl RunObserver,
) -> Result<FolderRun, FolderRunError> {
    let (begun, recorder) = Begun::of(dir, scenario, transactions)?;
    let ran = run::run(scenario, chain, recorder, stop, observer).await;
    begun.finish(ran)
}

/// The same in virtual time, on the calling thread.
///
/// # Errors
/// [`FolderRunError`] if it could not begin.
pub fn simulate_into_folder(
    dir: RunDir,
    scenario: &Scenario,
    transactions: bool,
    stop: &CancellationToken,
    observer: impl RunObserver,
) -> Result<FolderRun, FolderRunError> {
    let (begun, recorder) = Begun::of(dir, scenario, transactions)?;
    let ran = simulate(scenario, recorder, stop, observer);
    begun.finish(ran.map(|ran| (ran.result, ran.histograms)))
}

impl Begun {
    fn of(
        mut dir: RunDir,
        scenario: &Scenario,
        transactions: bool,
    ) -> Result<(Self, Recorder), FolderRunError> {
        let (started_at, began) = (Timestamp::now(), Instant::now());
        let text = match dir.write_inputs(scenario) {
            Ok(text) => text,
            Err(error) => {
                dir.discard();
                return Err(error.into());
            }
        };
        let journal = if transactions {
            dir.journal_of(scenario.has_behaviours())
        } else {
            dir.journal_of_tasks()
        };
        let begun = Self {
            scenario: text,
            dir,
            started_at,
            began,
        };
        Ok((begun, Recorder::new(scenario.schema()).with_journal(journal)))
    }

    fn finish(self, ran: Result<(RunResult, Histograms), RunError>) -> Result<FolderRun, FolderRunError> {
        let Self {
            scenario,
            dir,
            started_at,
            began,
        } = self;
        let (result, histograms) = match ran {
            Ok(ran) => ran,
            Err(error) => {
                dir.discard();
                return Err(error.into());
            }
        };
        let host = Host::of(&result, started_at, began.elapsed());
        let mut run = FolderRun {
            result,
            histograms,
            host,
            written: Ok(()),
            scenario,
            dir,
        };
        run.written = run.dir.write(&run.finished());
        if run.result.clock == TimeSource::Virtual {
            run.written = run.written.and(run.dir.write_host(&run.host));
        }
        Ok(run)
    }
}

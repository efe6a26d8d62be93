//! Running the cells that are not done.

use std::{num::NonZero, time::Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{Cell, CellEnd, Grid, SweepDir, SweepError, SweepSource, check::fingerprint, folder::counts};
use crate::{
    protocol::REFERENCE,
    record::{Histograms, Journal, Progress, Recorder, RunResult, StopReason},
    report::{FinishedRun, Host, RunDir},
    run::{self, ChainChoice, RunError, parallel_map, simulate},
    scenario::{ChainKind, Scenario},
};

/// How cells are run.
#[derive(Clone, Debug)]
pub struct CellSettings {
    /// Which chain to use; an anvil is started anew for every cell.
    pub chain: ChainChoice,
    /// How many run at once in virtual time. Cells on a node run one after another: they would disturb each other.
    pub jobs: NonZero<usize>,
    /// Whether to write `transactions.csv`.
    pub transactions: bool,
}

/// Runs the cells that are not done until all are, or `stop` is cancelled, and returns how each ended. `observer` gets
/// of each that ends.
///
/// # Errors
/// If the scenario changed meanwhile, or files could not be written: then nothing else can go right either.
pub async fn run_cells(
    cells: &[Cell],
    (source, grid): (&SweepSource, &Grid),
    dir: &SweepDir,
    settings: &CellSettings,
    stop: &CancellationToken,
    observer: impl Fn(&Cell, &CellEnd) + Sync,
) -> Result<Vec<CellEnd>, SweepError> {
    let sweep = Sweep {
        source,
        grid,
        dir,
        settings,
        stop,
    };
    let in_process: Vec<&Cell> = cells.iter().filter(|cell| sweep.is_virtual(cell)).collect();
    let ended = parallel_map(&in_process, settings.jobs, |cell| {
        let end = sweep.simulate(cell)?;
        observer(cell, &end);
        Ok::<_, SweepError>(end)
    });
    let mut ended = ended.into_iter();
    let mut ends = Vec::with_capacity(cells.len());
    // A node that cannot be used for one cell cannot for the next.
    let mut unusable = false;
    for cell in cells {
        let end = if sweep.is_virtual(cell) {
            ended.next().unwrap_or(Ok(CellEnd::Open))?
        } else if unusable {
            CellEnd::Open
        } else {
            let (end, could_begin) = sweep.run_on_node(cell).await?;
            unusable = !could_begin;
            observer(cell, &end);
            end
        };
        ends.push(end);
    }
    Ok(ends)
}

/// What the running of every cell needs.
struct Sweep<'a> {
    source: &'a SweepSource,
    grid: &'a Grid,
    dir: &'a SweepDir,
    settings: &'a CellSettings,
    stop: &'a CancellationToken,
}

/// A cell that is about to run.
struct Begun {
    scenario: Scenario,
    dir: RunDir,
    journal: Journal,
    started_at: Timestamp,
    began: Instant,
}

impl Sweep<'_> {
    fn is_virtual(&self, cell: &Cell) -> bool {
        matches!(self.settings.chain, ChainChoice::Scenario { .. }) && cell.kind == ChainKind::Embedded
    }

    /// Runs a cell in virtual time.
    fn simulate(&self, cell: &Cell) -> Result<CellEnd, SweepError> {
        let begun = match self.begin(cell)? {
            Ok(begun) => begun,
            Err(end) => return Ok(end),
        };
        let recorder = Recorder::new(REFERENCE).with_journal(begun.journal);
        match simulate(&begun.scenario, recorder, self.stop, |_: &Progress| {}) {
            Ok(ran) => {
                let host = Host::of(&ran.result, begun.started_at, begun.began.elapsed());
                begun.dir.write_host(&host)?;
                self.finish(cell, &begun.dir, &begun.scenario, &ran.result, &ran.histograms)
            }
            Err(error) => {
                begun.dir.discard();
                Ok(failed(&error))
            }
        }
    }

    /// Runs a cell on a node; also returns whether it could begin.
    async fn run_on_node(&self, cell: &Cell) -> Result<(CellEnd, bool), SweepError> {
        let begun = match self.begin(cell)? {
            Ok(begun) => begun,
            Err(end) => return Ok((end, true)),
        };
        let recorder = Recorder::new(REFERENCE).with_journal(begun.journal);
        let stop = self.stop.clone();
        match run::run(
            &begun.scenario,
            &self.settings.chain,
            recorder,
            stop,
            |_: &Progress| {},
        )
        .await
        {
            Ok((result, histograms)) => {
                let end = self.finish(cell, &begun.dir, &begun.scenario, &result, &histograms)?;
                Ok((end, true))
            }
            Err(error) => {
                begun.dir.discard();
                Ok((failed(&error), false))
            }
        }
    }

    /// Makes the cell ready to run; how it ended if it does not have to run.
    fn begin(&self, cell: &Cell) -> Result<Result<Begun, CellEnd>, SweepError> {
        let scenario = self.source.load(self.grid, cell.number - 1)?.scenario;
        if fingerprint(&scenario) != cell.fingerprint {
            return Err(SweepError::Changed(cell.number));
        }
        let transactions = self.settings.transactions;
        if self.dir.is_done(cell, &scenario, transactions) {
            return Ok(Err(CellEnd::Kept));
        }
        if self.stop.is_cancelled() {
            return Ok(Err(CellEnd::Open));
        }
        self.dir.clear(cell)?;
        let (started_at, began) = (Timestamp::now(), Instant::now());
        let mut dir = RunDir::create(self.dir.cell(cell))?;
        dir.write_scenario(&scenario.to_toml())?;
        for file in &scenario.data {
            dir.write_input(file.name(), |out| file.write(out))?;
        }
        let journal = if transactions {
            dir.journal()
        } else {
            dir.journal_of_tasks()
        };
        Ok(Ok(Begun {
            scenario,
            dir,
            journal,
            started_at,
            began,
        }))
    }

    /// Writes a cell's files. One that was stopped leaves none: it is run from its start when the sweep is resumed.
    fn finish(
        &self,
        cell: &Cell,
        dir: &RunDir,
        scenario: &Scenario,
        result: &RunResult,
        histograms: &Histograms,
    ) -> Result<CellEnd, SweepError> {
        if result.stop_reason == StopReason::Interrupted {
            self.dir.clear(cell)?;
            return Ok(CellEnd::Open);
        }
        dir.write(&FinishedRun {
            result,
            histograms,
            scenario: &scenario.to_toml(),
        })?;
        if counts(result) {
            return Ok(CellEnd::Done);
        }
        let why = result.journal_error.as_ref().or(result.stop_message.as_ref());
        let why = why.map_or_else(|| result.stop_reason.description().to_owned(), Clone::clone);
        Ok(match result.stop_reason {
            StopReason::ChainLost => CellEnd::ChainFailed(why),
            _ => CellEnd::Failed(why),
        })
    }
}

fn failed(error: &RunError) -> CellEnd {
    let why = error.to_string();
    match error {
        RunError::Embedded(_) | RunError::Order(_) => CellEnd::Failed(why),
        RunError::Anvil(_) | RunError::Rpc(_) | RunError::Setup(_) | RunError::Lost(_) => {
            CellEnd::ChainFailed(why)
        }
    }
}

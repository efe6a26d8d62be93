//! Running the cells that are not done.

use std::num::NonZero;

use tokio_util::sync::CancellationToken;

use super::{Cell, CellEnd, Grid, SweepDir, SweepError, SweepSource, check::fingerprint, folder::counts};
use crate::{
    record::{Progress, StopReason},
    run::{ChainChoice, RunError, parallel_map},
    run_folder::{FolderRun, FolderRunError, RunDir, run_into_folder, simulate_into_folder},
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

impl Sweep<'_> {
    fn is_virtual(&self, cell: &Cell) -> bool {
        matches!(self.settings.chain, ChainChoice::Scenario { .. }) && cell.kind == ChainKind::Embedded
    }

    /// Runs a cell in virtual time.
    fn simulate(&self, cell: &Cell) -> Result<CellEnd, SweepError> {
        let (scenario, dir) = match self.begin(cell)? {
            Ok(begun) => begun,
            Err(end) => return Ok(end),
        };
        let transactions = self.settings.transactions;
        let ran = simulate_into_folder(dir, &scenario, transactions, self.stop, |_: &Progress| {});
        self.finish(cell, ran).map(|(end, _)| end)
    }

    /// Runs a cell on a node; also returns whether it could begin.
    async fn run_on_node(&self, cell: &Cell) -> Result<(CellEnd, bool), SweepError> {
        let (scenario, dir) = match self.begin(cell)? {
            Ok(begun) => begun,
            Err(end) => return Ok((end, true)),
        };
        let (chain, transactions) = (&self.settings.chain, self.settings.transactions);
        let stop = self.stop.clone();
        let ran = run_into_folder(dir, &scenario, chain, transactions, stop, |_: &Progress| {}).await;
        self.finish(cell, ran)
    }

    /// Makes the cell ready to run; how it ended if it does not have to run.
    fn begin(&self, cell: &Cell) -> Result<Result<(Scenario, RunDir), CellEnd>, SweepError> {
        let scenario = self.source.load(self.grid, cell.number - 1)?.scenario;
        if fingerprint(&scenario) != cell.fingerprint {
            return Err(SweepError::Changed(cell.number));
        }
        if self.dir.is_done(cell, &scenario, self.settings.transactions) {
            return Ok(Err(CellEnd::Kept));
        }
        if self.stop.is_cancelled() {
            return Ok(Err(CellEnd::Open));
        }
        self.dir.clear(cell)?;
        let dir = RunDir::create(self.dir.cell(cell))?;
        Ok(Ok((scenario, dir)))
    }

    /// How a cell ended, and whether it could begin. One that was stopped leaves no files: it is run from its start when the
    /// sweep is resumed.
    fn finish(
        &self,
        cell: &Cell,
        ran: Result<FolderRun, FolderRunError>,
    ) -> Result<(CellEnd, bool), SweepError> {
        let run = match ran {
            Ok(run) => run,
            Err(FolderRunError::Files(error)) => return Err(error.into()),
            Err(FolderRunError::Run(error)) => return Ok((failed(&error), false)),
        };
        let result = &run.result;
        if result.stop_reason == StopReason::Interrupted {
            self.dir.clear(cell)?;
            return Ok((CellEnd::Open, true));
        }
        let why = result.journal_error.as_ref().or(result.stop_message.as_ref());
        let why = why.map_or_else(|| result.stop_reason.description().to_owned(), Clone::clone);
        let end = match result.stop_reason {
            _ if counts(result) => CellEnd::Done,
            StopReason::ChainLost => CellEnd::ChainFailed(why),
            _ => CellEnd::Failed(why),
        };
        run.written?;
        Ok((end, true))
    }
}

fn failed(error: &RunError) -> CellEnd {
    let why = error.to_string();
    if error.is_of_chain() {
        CellEnd::ChainFailed(why)
    } else {
        CellEnd::Failed(why)
    }
}

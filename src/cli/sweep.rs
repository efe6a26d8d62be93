//! `taskstorm sweep`: one scenario with every combination of values.

use std::{num::NonZero, path::PathBuf, thread};

use jiff::Timestamp;

use super::{
    Exit, Failure,
    chain::ChainArgs,
    output,
    scenario::{ScenarioArgs, log_warnings},
    signals,
};
use crate::{
    chain::rpc::masked,
    record::StopReason,
    report::{
        charts::{PictureFormat, write_named_pictures},
        sweep::{SweepSummary, log_cell, log_thresholds, sweep_pictures, sweep_table},
    },
    run::ChainChoice,
    scenario::ChainKind,
    sweep::{
        Cell, CellEnd, CellSettings, Checked, Grid, Manifest, Results, SweepDir, SweepError, SweepSource,
        Vary, run_cells,
    },
};

/// Run a scenario with every combination of values; aggregate over seeds.
///
/// A cell is a combination, and a run with its own folder in cells/. In virtual time cells run on all cores, on a node
/// one after another. All are checked before the first runs. The same command with the same --out resumes a sweep that
/// was interrupted: cells that are done are kept. sweep.csv has a row per cell, phase and metric. docs/sweep.md has the
/// details.
///
/// The exit code is that of the gravest cell: 1 a cell failed, or left tasks open · 3 a chain was lost or did not start ·
/// 4 a threshold failed · 5 an invariant was violated · 130 interrupted · otherwise as for every command.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Key and values to vary, as for --set: miners.count=10,100,1000, seed=1..5 (both included),
    /// chain.block_time=1s,2s. Repeatable: every combination runs.
    #[arg(long = "vary", value_name = "KEY=VALUES", required = true)]
    varied: Vec<Vary>,
    /// Number of cells that run at once in virtual time [default: one per core].
    #[arg(long, value_name = "N", value_parser = jobs)]
    jobs: Option<NonZero<usize>>,
    #[command(flatten)]
    chain: ChainArgs,
    /// Port for anvil [default: a free port].
    #[arg(long)]
    port: Option<u16>,
    /// Output folder, or the folder of a sweep to resume [default: reports/<scenario>-sweep-<UTC time>].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write transactions.csv of every cell, which has a row per transaction.
    #[arg(long)]
    transactions: bool,
    /// Do not draw charts.
    #[arg(long)]
    no_charts: bool,
    /// Print the results as JSON instead of as a table.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> Result<Exit, Failure> {
    let has_seed = args.scenario.has_seed();
    if has_seed && args.varied.iter().any(Vary::is_seed) {
        return Err(Failure::usage(
            "the seed is given by --seed and varied by --vary",
            "leave out one of them",
        ));
    }
    let grid = Grid::new(args.varied)?;
    let jobs = args
        .jobs
        .or_else(|| thread::available_parallelism().ok())
        .unwrap_or(NonZero::<usize>::MIN);
    let (file, overrides) = args.scenario.into_parts(args.chain.kind());
    let source = SweepSource { file, overrides };
    let checked = Checked::of(&source, &grid, jobs)?;
    log_warnings(checked.warnings.iter().cloned());
    checked.protocol.read_from_now_on();
    let chain = args.chain.choice(kind(&checked.cells), args.port)?;
    let mut manifest = Manifest::new(&checked, &grid, &chain_name(&chain, &checked.cells));
    let stop = signals::stop_on_signal().map_err(Failure::unexpected)?;
    // Held until the charts are drawn: meanwhile no other sweep writes there.
    let dir = SweepDir::open(args.out.as_deref(), &manifest, Timestamp::now())?;
    if dir.is_resumed() {
        tracing::info!("resuming the sweep in {}", dir.path().display());
    }
    let cells = &checked.cells;
    let settings = CellSettings {
        chain,
        jobs,
        transactions: args.transactions,
    };
    let ends = run_cells(cells, (&source, &grid), &dir, &settings, &stop, |cell, end| {
        log_cell(cell, end, &grid);
    })
    .await?;
    manifest.enter(&ends);
    let written = dir.write_manifest(&manifest).map_err(Failure::unexpected);
    let results = Results::collect(&dir, &grid, cells, &ends)?;
    // Someone who interrupts wants the end, not charts of a half.
    let drawn = if args.no_charts || stop.is_cancelled() {
        Ok(())
    } else {
        let pictures = sweep_pictures(&checked.name, &grid, cells, &results);
        let named: Vec<_> = pictures
            .iter()
            .map(|(name, picture)| (name.as_str(), picture))
            .collect();
        write_named_pictures(dir.path(), &named, &PictureFormat::ALL).map_err(Failure::unexpected)
    };
    let printed = if args.json {
        output::print_value(&SweepSummary::of(&checked.name, &grid, cells, &ends, &results))
    } else {
        let cells = (&cells[..], &ends[..]);
        output::print_styled(|style| sweep_table(&checked.name, &grid, cells, &results, dir.path(), style))
    };
    log_thresholds(&results);
    let open = ends.iter().filter(|end| !end.is_done()).count();
    if open > 0 {
        tracing::warn!(
            "{open} of {} cells are not done; the same command with --out {} runs them and keeps the others",
            cells.len(),
            dir.path().display()
        );
    }
    exit(&ends, &results, stop.is_cancelled()).after([written, drawn, printed])
}

/// The kind of chain that flags are for: anvil if any cell is.
fn kind(cells: &[Cell]) -> ChainKind {
    let on_anvil = cells.iter().any(|cell| cell.kind == ChainKind::Anvil);
    if on_anvil {
        ChainKind::Anvil
    } else {
        ChainKind::Embedded
    }
}

/// What `sweep.json` calls the chain.
fn chain_name(chain: &ChainChoice, cells: &[Cell]) -> String {
    match chain {
        ChainChoice::Endpoint(chosen) => masked(&chosen.url),
        ChainChoice::Scenario { .. } => {
            let used = |kind: &ChainKind| cells.iter().any(|cell| cell.kind == *kind);
            let kinds: Vec<_> = ChainKind::ALL
                .into_iter()
                .filter(used)
                .map(ChainKind::name)
                .collect();
            kinds.join(" and ")
        }
    }
}

/// How a sweep ends the process: by the gravest of its cells.
fn exit(ends: &[CellEnd], results: &Results, interrupted: bool) -> Exit {
    let ended = ends.iter().map(|end| match end {
        CellEnd::Done | CellEnd::Kept => Exit::Done,
        CellEnd::ChainFailed(_) => Exit::Chain,
        CellEnd::Failed(_) => Exit::Failed,
        CellEnd::Open => Exit::Interrupted,
    });
    // Where a node cannot be used, the cells after that are not begun, and nobody interrupted.
    let chain_failed = ends.iter().any(|end| matches!(end, CellEnd::ChainFailed(_)));
    let ended = ended.map(|exit| match exit {
        Exit::Interrupted if chain_failed && !interrupted => Exit::Chain,
        exit => exit,
    });
    let judged = results.cells.iter().map(|cell| {
        if cell.violations > 0 {
            Exit::Invariant
        } else if !cell.failed_thresholds.is_empty() {
            Exit::Threshold
        } else if cell.stop_reason != StopReason::Finished {
            Exit::Failed
        } else {
            Exit::Done
        }
    });
    let all = ended.chain(judged);
    all.max_by_key(|exit| *exit as u8).unwrap_or(Exit::Done)
}

impl From<SweepError> for Failure {
    fn from(error: SweepError) -> Self {
        match error {
            SweepError::Scenario(error) => (*error).into(),
            SweepError::Write(_)
            | SweepError::Remove { .. }
            | SweepError::Changed(_)
            | SweepError::Read(_) => Self::unexpected(error),
            error => Self::plain(Exit::Usage, error),
        }
    }
}

fn jobs(text: &str) -> Result<NonZero<usize>, String> {
    const MOST: usize = 1024;
    let jobs = text.parse::<NonZero<usize>>().ok();
    jobs.filter(|jobs| jobs.get() <= MOST)
        .ok_or_else(|| format!("it must be a number from 1 to {MOST}"))
}

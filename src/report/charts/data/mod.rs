//! Chart data: one pass over each table of a run, in memory that does not grow with its rows.

mod bins;
mod blocks;
mod tasks;
mod times;
mod transactions;

pub(super) use bins::Bins;
pub(super) use blocks::{BlockBin, Blocks};
pub(super) use tasks::{SlowTask, Tasks};
pub(super) use transactions::{GasCounts, Transactions};

use crate::{
    record::{Histograms, RunResult},
    run_folder::{ReadError, RunFolder},
};

/// All that the charts of a run are drawn from.
#[derive(Debug)]
pub struct ChartData<'a> {
    pub(super) result: &'a RunResult,
    pub(super) histograms: &'a Histograms,
    pub(super) bins: Bins,
    /// `None` if the run wrote no row per transaction; the others alike.
    pub(super) transactions: Option<Transactions>,
    pub(super) tasks: Option<Tasks>,
    pub(super) blocks: Option<Blocks>,
}

impl<'a> ChartData<'a> {
    /// Reads the tables of a run.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn of(folder: &'a RunFolder) -> Result<Self, ReadError> {
        let result = folder.result();
        let interval = folder.blocks()?.map(blocks::interval).transpose()?;
        let bins = Bins::of(result, interval.flatten());
        let transactions = folder.transactions()?;
        let tasks = folder.tasks()?;
        let blocks = folder.blocks()?;
        Ok(Self {
            result,
            histograms: folder.histograms(),
            bins,
            transactions: transactions
                .map(|rows| Transactions::of(rows, result.protocol, bins))
                .transpose()?,
            tasks: tasks
                .map(|rows| Tasks::of(rows, result.protocol, bins, result.duration_us))
                .transpose()?,
            blocks: blocks.map(|rows| Blocks::of(rows, bins)).transpose()?,
        })
    }

    /// What ran, for a chart's second line.
    pub(super) fn run(&self) -> String {
        let result = self.result;
        let mut text = format!("{} · seed {}", result.scenario.name, result.scenario.seed);
        for part in [Some(result.chain.kind.as_str()), result.chain.hardfork.as_deref()] {
            if let Some(part) = part.filter(|part| !part.is_empty()) {
                text.push_str(" · ");
                text.push_str(part);
            }
        }
        text.push_str(" · ");
        text.push_str(result.clock.description());
        if !result.complete {
            text.push_str(" · INCOMPLETE");
        }
        text
    }
}

//! Log lines about the cells of a sweep: how they ended, and thresholds that failed.

use crate::{
    format::measured,
    sweep::{Cell, CellEnd, Grid, Results},
};

/// Logs that a cell ended.
pub fn log_cell(cell: &Cell, end: &CellEnd, grid: &Grid) {
    let (number, what) = (cell.number, cell.description(grid));
    match end {
        CellEnd::Done => tracing::info!("cell {number} of {}: {what}", grid.len()),
        CellEnd::Kept => tracing::debug!("cell {number} was done before: {what}"),
        CellEnd::Open => {}
        CellEnd::ChainFailed(why) | CellEnd::Failed(why) => {
            tracing::error!("cell {number} ({what}) failed: {why}");
        }
    }
}

/// Logs which thresholds failed.
pub fn log_thresholds(results: &Results) {
    for cell in &results.cells {
        for verdict in &cell.failed_thresholds {
            let (number, expression) = (cell.number, &verdict.expression);
            tracing::error!(
                "cell {number}: threshold failed: {expression}, measured {}",
                measured(verdict)
            );
        }
    }
}

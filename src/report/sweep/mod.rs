//! The results of a sweep: a table, JSON and charts.

mod charts;
mod problems;
mod summary;
mod table;

pub use charts::sweep_pictures;
pub use problems::{log_cell, log_thresholds};
pub use summary::{FailedCell, FailedThresholds, SweepSummary};
pub use table::sweep_table;

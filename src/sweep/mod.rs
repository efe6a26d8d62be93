//! A sweep: one scenario with every combination of the values that are varied, a run each.
//!
//! [`Grid`] knows the combinations, [`Checked`] their scenarios, all checked before the first runs; [`SweepDir`] is the
//! folder, in which each cell has its own and which knows what is done; [`run_cells`] runs the rest. All that a sweep
//! results in is made from the cells' files alone ([`Results`]), so that a sweep that was interrupted and resumed gives
//! the same bytes as one that was not.

mod cell;
mod check;
mod combine;
mod confidence_interval;
mod error;
mod folder;
mod grid;
mod lock;
mod measure;
mod results;
mod run;
mod tidy;
mod vary;

pub use cell::{Cell, CellEnd};
pub use check::{Checked, SweepSource};
pub use combine::Combination;
pub use confidence_interval::{Distribution, MeanInterval};
pub use error::SweepError;
pub use folder::{CellEntry, Manifest, SWEEP_CSV, SWEEP_JSON, SWEEP_SCHEMA_VERSION, SweepDir};
pub use grid::Grid;
pub use measure::Measured;
pub use results::{CellResult, Results};
pub use run::{CellSettings, run_cells};
pub use vary::{Vary, VaryError};

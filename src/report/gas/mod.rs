//! Gas snapshots: what a scenario costs on the embedded chain, in a file that is checked in and compared with.

mod builds;
mod comparison;
mod comparison_table;
mod named;
mod snapshot;
mod table;
mod tolerance;

pub use comparison::{GasChange, GasComparison, Incomparable};
pub use snapshot::{GAS_SCHEMA_VERSION, GasSnapshot, SnapshotError};
pub use table::{By, gas_table};
pub use tolerance::Tolerance;

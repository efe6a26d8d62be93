//! What a run is asked to do: the scenario's types, its file format, and the checks that a file must pass.
//!
//! Nothing here does I/O but [`Scenario::load`], which reads one file.

mod chain;
mod distribution;
mod load;
mod population;
mod spec;
pub mod units;

pub use chain::{ChainKind, ChainSpec, Hardfork, Windows};
pub use distribution::{DelayDistribution, Distribution, Quantity, SizeDistribution};
pub use load::{Load, TaskCount};
pub use population::{MinerGroup, Mode, OracleSpec, OwnerGroup};
pub use spec::{Limits, Scenario};

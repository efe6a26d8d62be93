//! What a run is asked to do: the scenario's types, its file format, and the checks that a file must pass.
//!
//! Nothing here does I/O but [`Scenario::load`], which reads one file and the data files that it refers to.

mod chain;
mod check;
mod data;
mod distribution;
mod error;
mod load;
mod order;
mod path;
mod population;
mod problem;
mod read;
mod spec;
pub(crate) mod suggest;
pub mod units;
mod warn;
mod write;

pub use chain::{ChainKind, ChainSpec, Windows};
pub use data::DataFile;
pub use distribution::{Bin, DelayDistribution, Distribution, Empirical, Quantity, SizeDistribution, Spread};
pub use error::{Finding, ScenarioError};
pub use load::{Load, TaskCount};
pub use order::BlockOrder;
pub use population::{MinerGroup, Mode, OracleSpec, OwnerGroup};
pub use read::Loaded;
pub use spec::{Limits, Scenario};

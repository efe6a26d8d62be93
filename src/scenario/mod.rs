//! Scenarios: their types, the file format, and the checks that a file must pass.
//!
//! Nothing here does I/O but two that read: `compose::files` a scenario's file and those that it extends, `read::data` the
//! data files that they refer to.

mod chain;
mod check;
mod compose;
mod data;
mod distribution;
mod error;
mod excerpt;
mod load;
mod management;
mod measure;
mod order;
mod overrides;
mod path;
mod population;
mod problem;
mod read;
mod schema;
mod source;
mod spec;
pub(crate) mod suggest;
pub mod units;
mod warn;
mod write;

pub use chain::{ChainKind, ChainSpec, Windows};
pub use data::DataFile;
pub use distribution::{
    Bin, ConcurrencyDistribution, DelayDistribution, Distribution, Empirical, InFlightDistribution, Quantity,
    RedundancyDistribution, SizeDistribution, Spread,
};
pub use error::{Finding, ScenarioError};
pub(crate) use load::Segment;
pub use load::{Bursts, Load, Mmpp, Replay, Spacing, Stage, Stages, TaskCount, TraceRow};
pub use management::{Churn, DedicatedNodes, Departure, Funding, Management, Reopening};
pub use measure::{Measure, WarmUp};
pub use order::BlockOrder;
pub use overrides::Override;
pub use population::{MinerGroup, Mode, OracleSpec, OwnerGroup};
pub use read::Loaded;
pub use schema::SCHEMA;
pub use spec::{Limits, Scenario};

//! Scenarios: their types, the file format, and the checks that a file must pass.
//!
//! Nothing here does I/O but two that read: `compose::files` a scenario's file and those that it extends, `read::data` the
//! data files that they refer to.

mod chain;
mod check;
mod compose;
mod data;
mod error;
mod excerpt;
mod keys;
mod load;
mod management;
mod order;
mod overrides;
mod path;
mod population;
mod problem;
pub mod profile;
mod read;
mod roles;
mod sample;
mod schema;
mod seeds;
mod source;
mod spec;
mod submissions;
mod warn;
mod write;

pub(crate) use crate::suggest;
pub use crate::{
    distribution::{Bin, DelayDistribution, Distribution, Empirical, Quantity, SizeDistribution, Spread},
    measure::{Measure, WarmUp},
    protocol::{Churn, Departure},
    units,
};
pub use chain::{ChainKind, ChainSpec, StateFile, Windows};
pub use data::DataFile;
pub use error::{Finding, ScenarioError};
pub(crate) use load::Segment;
pub use load::{
    Assignment, Bursts, InFlightDistribution, Load, Mmpp, Replay, Spacing, Stage, Stages, TaskCount, TraceRow,
};
pub use management::{DedicatedNodes, Funding, Management, Reopening};
pub use order::BlockOrder;
pub use overrides::Override;
pub use population::{
    ConcurrencyDistribution, MinerGroup, Mode, OracleSpec, OwnerGroup, RedundancyDistribution,
};
pub use read::Loaded;
pub use roles::{ProfileRun, RoleGroup};
pub use schema::{profile_schema, schema};
pub use seeds::{Seeds, SeedsError};
pub use spec::{Limits, Scenario};
pub use submissions::{Submissions, SubmittingGroup};

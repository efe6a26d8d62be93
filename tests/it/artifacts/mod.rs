//! Contracts from artifacts on disk: the layouts that they come in, and runs of changed contracts.

mod errors;
mod forge;
mod freshness;
mod layouts;
mod profiles;
mod runs;
pub(crate) mod support;

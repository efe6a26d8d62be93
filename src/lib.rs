//! taskstorm: a scenario-driven simulator and load tester for on-chain task lifecycles.

pub mod actor;
pub mod capacity;
pub mod chain;
pub mod cli;
pub mod compare;
pub mod devnet;
pub mod driver;
pub mod estimate;
pub mod fees;
mod files;
pub mod gas;
pub mod hardfork;
mod input;
pub mod mempool;
pub mod metric;
pub mod plan;
pub mod protocol;
pub mod record;
pub mod report;
pub mod run;
pub mod scenario;
pub mod sweep;
mod text;
pub mod time;

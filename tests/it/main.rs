//! Every integration test of taskstorm, in one binary: it links once and shares its helpers.

mod actors;
mod anvil;
mod artifacts;
mod capacity;
mod cli;
mod compare;
mod contracts;
mod devnet;
mod embedded;
mod expressions;
mod faults;
mod fuzz;
mod gas;
mod guides;
mod language;
mod layers;
mod ledger;
mod library;
mod metric;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod scenario;
mod seeds;
mod support;
mod sweep;
mod tools;
mod virtual_time;

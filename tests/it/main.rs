//! Every integration test of taskstorm, in one binary: it links once and shares its helpers.

mod anvil;
mod contracts;
mod embedded;
mod report;
mod scenario;
mod support;

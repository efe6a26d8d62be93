//! Every integration test of taskstorm, in one binary: it links once and shares its helpers.

mod actors;
mod anvil;
mod cli;
mod contracts;
<<<<<<< HEAD
mod devnet;
mod ledger;
=======
mod embedded;
>>>>>>> embedded
mod report;
mod run;
mod scenario;
mod support;

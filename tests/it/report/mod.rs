//! From records to every output of a run.

mod books;
mod files;
mod journal;
mod progress;
pub(crate) mod sample;
mod statistics;
mod terminal;

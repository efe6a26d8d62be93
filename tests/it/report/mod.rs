//! From records to every output of a run.

mod books;
mod files;
mod journal;
mod progress;
mod read;
pub(crate) mod sample;
mod statistics;
mod terminal;

//! From records to every output of a run.

mod books;
mod charts;
mod files;
mod journal;
mod markdown;
mod progress;
mod read;
pub(crate) mod sample;
mod statistics;
mod terminal;

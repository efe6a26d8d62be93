//! From records to every output of a run.

mod books;
mod charts;
mod files;
mod journal;
mod progress;
mod read;
mod sample;
mod statistics;
mod terminal;

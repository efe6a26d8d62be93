//! From records to every output of a run.

mod browser;
mod charts;
mod consistency;
mod damaged;
mod files;
mod html;
mod journal;
mod markdown;
mod progress;
mod read;
pub(crate) mod sample;
mod statistics;
mod terminal;

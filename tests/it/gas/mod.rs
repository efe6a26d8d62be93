//! Gas profiles and gas snapshots.

mod command;
mod opcodes;
mod random;
mod scenarios;
mod support;

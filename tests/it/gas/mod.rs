//! Where gas goes, and whether it still goes there.

mod command;
mod opcodes;
mod random;
mod scenarios;
mod support;

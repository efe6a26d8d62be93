//! Whole runs of the real program on a real anvil, and everything that can go wrong with them.

pub(crate) mod node;
mod words;

mod disk;
mod early;
mod faults;
mod full_blocks;
mod garbage;
mod gas;
mod latency;
mod lost;
mod nonces;
mod populations;
mod refused;
mod report;
mod whole;

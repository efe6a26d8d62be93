//! Drivers: they feed actors from a chain and carry out what the actors ask. All that is not I/O is in [`Engine`],
//! which every driver shares.

mod alarms;
mod audience;
mod audit;
mod cast;
mod command;
mod course;
mod engine;
mod gate;
mod nonces;
mod pending;
pub mod real_time;
mod submissions;
pub mod virtual_time;

/// How often a transaction is handed to the node before it counts as lost, and how often one is given a new nonce.
const ATTEMPTS: u32 = 3;

pub use audience::Audience;
pub use cast::{Cast, accounts};
pub use command::{Command, TxId, UnderWay};
pub use course::{Course, Ended};
pub use engine::Engine;

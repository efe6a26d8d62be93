//! Drivers: they feed actors from a chain and carry out what the actors ask. All that is not I/O is in [`Engine`],
//! which every driver shares.

mod command;
mod engine;
mod in_flight_limiter;
mod lifecycle;
mod nonces;
mod observer;
mod pending;
pub mod real_time;
mod registry;
mod submissions;
mod timer_queue;
pub mod virtual_time;

/// The number of times that a transaction is handed to the node before it counts as lost, and how often one is given a new nonce.
const ATTEMPTS: u32 = 3;

pub use command::{Command, TxId, UnderWay};
pub use engine::Engine;
pub use lifecycle::{EndCondition, Ended};
pub use observer::RunObserver;
pub use registry::{ActorRegistry, accounts};

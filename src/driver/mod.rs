//! Drives a run: feeds actors from a chain and carries out what they ask. All that is not I/O is in [`Engine`]; one loop takes
//! what a transport tells, the node's in [`real_time`] or the embedded chain's in [`virtual_time`].

mod accounts;
mod backlog;
mod command;
mod engine;
mod faults;
mod in_flight_limiter;
mod lifecycle;
mod nonces;
mod observer;
mod open_transactions;
mod pending;
pub mod real_time;
mod registry;
mod reorg;
mod run_loop;
mod submissions;
mod timer_queue;
mod transactions;
mod transport;
pub mod virtual_time;

/// The number of times that a transaction is handed to the node before it counts as lost, and how often one is given a new nonce.
const ATTEMPTS: u32 = 3;

pub use command::{Command, TxId, UnderWay};
pub use engine::Engine;
pub use faults::FaultSettings;
pub use lifecycle::{EndCondition, Ended};
pub use observer::RunObserver;
pub use registry::ActorRegistry;

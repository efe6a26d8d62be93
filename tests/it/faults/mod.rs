//! Whole runs on a real anvil that fails now and then: behind a proxy that injects faults, or told to change its history.

mod batches;
mod consistency;
mod embedded;
mod gone;
mod history;
mod planned;
mod proxy;
mod reads;
mod recount;
pub(crate) mod restart;
mod sends;
mod soak;
mod sockets;
pub(crate) mod stage;

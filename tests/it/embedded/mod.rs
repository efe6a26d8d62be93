//! The embedded chain: what its mempool lets in, what its blocks hold and cost, and a task's whole life on it.

mod accesses;
mod admission;
mod base_fee;
mod below_base_fee;
mod execution;
mod fees;
mod lifecycle;
mod orders;
mod replacement;
mod support;

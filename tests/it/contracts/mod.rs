//! Tests of the reference contracts on an in-process EVM.

mod artifacts;
mod attacks;
pub(crate) mod bindings;
mod chain;
mod double;
mod errors;
mod events;
mod gas;
mod guards;
mod lifecycle;
mod nodes;
mod payloads;
mod payment;
mod surface;
mod windows;
mod world;

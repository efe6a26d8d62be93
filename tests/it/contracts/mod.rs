//! Tests of the reference contracts on an in-process EVM.

mod artifacts;
mod bindings;
mod double;
mod errors;
mod gas;
mod windows;
mod world;

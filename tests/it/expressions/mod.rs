//! Expressions of protocol profiles: their values, their refusals, calls and reads, and equality with Solidity's compiler.

mod calls;
mod hostile;
mod refusals;
mod solc;
mod support;
mod tasks;
mod values;

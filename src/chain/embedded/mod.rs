//! An EVM inside the process. The only module that names `revm`, and inside it only `evm`.

mod evm;

pub use evm::{Evm, EvmError, Message, Outcome, Status};

//! Helpers that several tests share.

pub(crate) mod anvil;
pub(crate) mod node;
pub(crate) mod processes;
pub(crate) mod proxy;

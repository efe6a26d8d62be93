//! Helpers that several tests share.

pub(crate) mod anvil;
pub(crate) mod folder;
pub(crate) mod http;
pub(crate) mod node;
pub(crate) mod place;
pub(crate) mod processes;
pub(crate) mod proxy;
pub(crate) mod scenario;
pub(crate) mod taskstorm;
pub(crate) mod tls;
pub(crate) mod wait;

//! Nodes that create no money and know no more than the standard methods: other clients from npm, and an anvil behind a proxy
//! that refuses all of its own methods.

mod existing;
mod foreign;
mod limits;
mod market;
mod money;
mod others;
mod secure;
pub(crate) mod stage;
mod state;

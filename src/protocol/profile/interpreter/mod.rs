//! The interpreter: a profile's [`Definition`](super::Definition) as a [`Protocol`](crate::protocol::Protocol).
//!
//! [`World`] is what never changes in a run, [`ProfileState`] what the events came to, a [`ProfileActor`] what one account does.
//! Everything that makes actors act is found by the state after each block, so that they act on what the whole block says.

mod actor;
mod adversary;
mod call;
mod contracts;
mod deployment;
mod event;
mod misbehaviour;
mod no_draws;
mod protocol;
mod query;
mod state;
mod view;
mod world;

pub use actor::ProfileActor;
pub use call::ProfileCall;
pub use contracts::ProfileContracts;
pub use event::ProfileEvent;
pub use protocol::{Profile, ProfileTimer};
pub use query::{ProfileQuery, ProfileReply, Purpose};
pub use state::ProfileState;
pub use world::World;

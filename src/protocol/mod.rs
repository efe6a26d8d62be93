//! The protocol that a run drives: who takes part, what they call, what they see, and what must hold.
//!
//! Nothing here does I/O. Everything outside speaks [`Call`] and [`Event`], never selectors or topics.

mod call;
mod event;
mod invariant;
mod phase;
mod role;

pub use call::{Call, Function, NewSession, Query, Reply};
pub use event::Event;
pub use invariant::{Invariant, Violation};
pub use phase::{Phase, TaskPhase};
pub use role::{ActorId, Role, TaskKey};

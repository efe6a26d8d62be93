//! The protocol that a run drives: who takes part, what they call, what they see, and what must hold.
//!
//! A [`ProtocolSchema`] names it all; everything above speaks of phases, functions and spans as ids of a schema. The reference
//! protocol is one implementation, in a folder of its own. Nothing here does I/O.

mod name;
pub mod profile;
mod reference;
mod schema;
mod violation;

pub use name::{ActorId, TaskKey};
pub(crate) use reference::gas_limit;
pub use reference::{
    ARTIFACTS, Addresses, Audit, Binding, Call, Concerns, Contracts, Deployment, Event, Forbidden, Included,
    Invocation, Ledger, Model, Moments, NewSession, Probe, Query, REFERENCE, Reply, RouterChange, Rules,
    Seat, SessionRef, SetupStep, Step, TaskState, TaskView, TaskViewKind, WindowSeconds, commit_hash, salted,
    unsalted,
};
pub use schema::{
    Function, Invariant, Moment, Phase, PhaseKind, ProtocolSchema, Role, TaskPhase, TaskSpan, being_read,
};
pub use violation::Violation;

//! The protocol that a run drives: who takes part, what they call, what they see, and what must hold.
//!
//! Nothing here does I/O. [`Contracts`] is the one place that knows ABIs, selectors and topics; everything else speaks
//! [`Call`] and [`Event`].

mod binding;
mod call;
mod contracts;
mod event;
mod ledger;
mod model;
mod name;
mod reference;
mod schema;
mod violation;

pub use binding::{commit_hash, salted, unsalted};
pub use call::{Binding, Call, NewSession, Query, Reply, RouterChange, SessionRef};
pub(crate) use contracts::gas_limit;
pub use contracts::{ARTIFACTS, Addresses, Contracts, Deployment, Forbidden, Invocation, WindowSeconds};
pub use event::Event;
pub use ledger::{Ledger, Moments, Seat, Step, TaskState};
pub use model::{Included, Model, Probe, Rules, TaskView, TaskViewKind};
pub use name::{ActorId, TaskKey};
pub use reference::{REFERENCE, SetupStep};
pub use schema::{
    Function, Invariant, Phase, PhaseKind, ProtocolSchema, Role, TaskPhase, TaskSpan, being_read,
};
pub use violation::Violation;

//! The reference protocol: submit, ack, precommit, commit, end.
//!
//! [`Contracts`] is the one place that knows ABIs, selectors and topics; everything else speaks [`Call`] and [`Event`]. The
//! [`Ledger`] holds events against the invariants, and the [`Model`] whole transactions against what the contracts must do.

mod binding;
mod call;
mod contracts;
mod event;
mod ledger;
mod model;
mod relevance;
mod schema;

pub use binding::{commit_hash, salted, unsalted};
pub use call::{Binding, Call, NewSession, Query, Reply, RouterChange, SessionRef};
pub(crate) use contracts::gas_limit;
pub use contracts::{
    ARTIFACTS, Addresses, BuildError, ContractBuild, ContractNames, Contracts, Deployment, Forbidden,
    Invocation, WindowSeconds,
};
pub use event::Event;
pub use ledger::{Audit, Ledger, Moments, Seat, Step, TaskState};
pub use model::{Included, Model, Probe, Rules, TaskView, TaskViewKind};
pub use relevance::Concerns;
pub use schema::{REFERENCE, SetupStep};

use super::{Function, Invariant, TaskKey, TaskPhase, Violation};

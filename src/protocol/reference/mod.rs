//! The reference protocol: submit, ack, precommit, commit, end.
//!
//! [`Contracts`] is the one place that knows ABIs, selectors and topics; everything else speaks [`Call`] and [`Event`]. The
//! [`Ledger`] holds events against the invariants, and the [`Model`] whole transactions against what the contracts must do;
//! [`State`] keeps both. `actors` holds the owner, the miner and the oracle.

mod actors;
mod adversary;
mod binding;
mod call;
mod contracts;
mod event;
mod ledger;
mod misbehaviour;
mod model;
mod protocol;
mod schema;
mod setup;
mod state;

pub use actors::{
    Arrival, Churn, Departure, Duty, LoadPlan, ManagePlan, Miner, MinerPlan, Oracle, OraclePlan, Owner,
    OwnerPlan, PresencePlan, SessionPlan, Timer,
};
pub use binding::{commit_hash, salted, unsalted};
pub use call::{Binding, Call, NewSession, Query, Reply, RouterChange, SessionRef};
pub(crate) use contracts::gas_limit;
pub use contracts::{
    ARTIFACTS, Addresses, BuildError, ContractBuild, ContractNames, Contracts, Deployment, ExistingContracts,
    Forbidden, WindowSeconds,
};
pub use event::Event;
pub use ledger::{Audit, Ledger, Moments, Seat, Step, TaskState};
pub use model::{Model, Probe, Rules, TaskView, TaskViewKind};
use protocol::Trial;
pub use protocol::{Reference, Trial as ReferenceTrial};
pub use schema::{REFERENCE, SetupStep};
pub use setup::ReferenceSetup;
pub use state::State;

use super::{Function, Invariant, TaskKey, TaskPhase, Violation};

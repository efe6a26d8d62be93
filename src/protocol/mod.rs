//! Protocols: who takes part, what they call, what they see, and what must hold.
//!
//! A [`ProtocolSchema`] names it all; everything above speaks of phases, functions and spans as ids of a schema. A [`Protocol`]
//! is what a driver needs to run one. The reference protocol is one implementation, in a folder of its own. Nothing here does
//! I/O, but [`ContractBuild::of`], which reads artifacts.

mod actor;
mod actor_map;
mod adversary;
mod deployment;
mod interface;
mod misbehaviour;
mod name;
mod outcome;
mod population;
pub mod profile;
mod reference;
mod schema;
mod violation;

pub use crate::block::Invocation;
pub(crate) use actor::Outbox;
pub use actor::{Action, Actor, Input, Place};
pub use actor_map::ActorMap;
pub use adversary::{Adversary, Hunted, Move, Reader, Told};
pub use deployment::{Deployed, DeploymentStep, LateStep, Prepared, StepAnswers, StepContent, StepRead};
pub use interface::{
    Announced, BlockMoment, ChainState, Checks, DeployedContracts, InBlock, OwnTransaction, Protocol,
    ProtocolCall, ProtocolEvent, ProtocolQuery, ProtocolTimer, Reached, TaskSummary, Temptation, Trial,
};
pub use misbehaviour::{
    Behaviour, BehaviourSpec, Cue, DishonestCall, Misbehaving, MisbehaviourPlan, Misdeed, Owed,
    PublicTransaction,
};
pub(crate) use misbehaviour::{RobberyStep, lengthened, redirected, robbery};
pub use name::{ActorId, TaskKey};
pub use outcome::TxOutcome;
pub use population::{Directory, Population};
pub(crate) use reference::gas_limit;
pub use reference::{
    ARTIFACTS, Addresses, Arrival, Audit, Binding, BuildError, Call, Churn, ContractBuild, ContractNames,
    Contracts, Departure, Deployment, Duty, Event, ExistingContracts, Forbidden, Ledger, LoadPlan,
    ManagePlan, Miner, MinerPlan, Model, Moments, NewSession, Oracle, OraclePlan, Owner, OwnerPlan,
    PresencePlan, Probe, Query, REFERENCE, Reference, ReferenceSetup, ReferenceTrial, Reply, RouterChange,
    Rules, Seat, SessionPlan, SessionRef, SetupStep, State, Step, TaskState, TaskView, TaskViewKind, Timer,
    WindowSeconds, commit_hash, salted, unsalted,
};
pub use schema::{
    Function, Invariant, Moment, Phase, PhaseKind, ProtocolSchema, Role, TaskPhase, TaskSpan, being_read,
};
pub use violation::Violation;

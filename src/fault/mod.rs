//! Faults of chains and nodes: what can go wrong, how often, and when; decided by random streams of their own.
//!
//! A [`FaultPlan`] says which faults a run has, an [`Injector`] decides for every transaction, block and request whether one
//! strikes, and a [`FaultLog`] counts what happened. Who carries a verdict out is the transport of the embedded chain, or the
//! proxy in front of a node.

mod injector;
mod key;
mod kind;
mod log;
mod plan;
mod text;
mod verdict;

pub use self::{
    injector::Injector,
    key::FaultKey,
    kind::{FaultKind, Scope},
    log::{FaultLog, FaultOccurrences},
    plan::{Delay, Fault, FaultPlan, Target},
    text::FaultError,
    verdict::{BlockVerdict, Subject, Verdict},
};

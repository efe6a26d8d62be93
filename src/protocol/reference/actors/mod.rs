//! The actors of the reference protocol: owners submit tasks, miners answer them, oracles close what is overdue.

mod manage;
mod miner;
mod oracle;
mod owner;
mod plan;
mod presence;
mod timer;

pub use self::{
    miner::Miner,
    oracle::Oracle,
    owner::Owner,
    plan::{
        Arrival, Churn, Departure, Duty, LoadPlan, ManagePlan, MinerPlan, OraclePlan, OwnerPlan,
        PresencePlan, SessionPlan,
    },
    timer::Timer,
};
use super::Reference;
use crate::protocol::{Actor, Outbox};

/// What an actor of the reference protocol gets.
type Input<'a> = crate::protocol::Input<'a, Reference>;

/// What an actor of the reference protocol wants done.
type Action = crate::protocol::Action<Reference>;

//! Scenario → plan: the population with its keys, arrival times and parameters. Pure: the same scenario, seed
//! included, gives the same plan.
//!
//! # What an actor's key and random streams depend on
//! On the seed, its role, its group's *name* and its index within the group; on nothing else. So adding a group,
//! reordering groups, or raising a group's count leaves every other actor's address and random choices as they were;
//! renaming a group makes it a different population. Arrivals depend on the owner's own group alone, and random ones come
//! from a stream of that group. Each kind of an
//! actor's choices draws from a stream of its own, and so does its way to the chain: when others, or a slower network,
//! change the order of what it does, its third work still takes as long as before.
//! What a session or a miner has from a distribution of counts is drawn here, once, from a stream of the kind.

mod account;
mod arrivals;
mod dedicated;
mod load;
mod manage;
mod misbehaviour;
mod order;
mod population;
mod profile;
mod replay;
mod round_robin;
mod setup;

pub use crate::{
    protocol::{
        Arrival, Duty, LoadPlan, ManagePlan, MinerPlan, OraclePlan, OwnerPlan, PresencePlan, SessionPlan,
    },
    seed::{Choice, Key, StreamSeed, stream},
};
pub use account::PlannedAccount;
pub use arrivals::group_arrivals;
pub(crate) use load::{GroupLoad, in_flight};
pub use order::OrderPlan;
pub use population::Plan;
pub(crate) use population::{concurrency, owner_stream, redundancies};
pub use profile::ProfilePlan;

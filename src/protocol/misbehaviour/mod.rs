//! Dishonest actors: an honest actor whose calls are left out, moved, changed or multiplied.
//!
//! [`Misbehaving`] wraps the actor of any protocol. What it reads of others it reads as [`PublicTransaction`]s of the mempool and
//! from the state that the events of all blocks come to, the same on every chain.

mod behaviour;
mod edit;
mod misdeed;
mod plan;
mod reenter;
mod wrapper;

pub use self::{
    behaviour::{Behaviour, BehaviourSpec},
    misdeed::{Cue, DishonestCall, Misdeed, Owed, PublicTransaction},
    plan::MisbehaviourPlan,
    wrapper::Misbehaving,
};
pub(crate) use self::{
    edit::{lengthened, mangled, redirected},
    reenter::{RobberyStep, robbery},
};

//! Protocols as data: a profile says in terms of its contracts' own functions and events what the actors do.
//!
//! [`Definition`] is what a profile's file says, [`expression`] the language of its values, conditions and calls.

mod definition;
pub mod expression;
pub mod interpreter;
mod place;
mod plan;
mod replaced;
mod rule;
mod schema;

pub use definition::{
    ContractDefinition, Definition, Effect, EventDefinition, Field, Find, Invariant, Moment, Named, Origin,
    Outcome, Parameter, RoleDefinition, Transition,
};
pub use place::FilePlace;
pub use plan::{ActorLoad, ActorPlan, ProfileSetup};
pub use replaced::ReplacedContracts;
pub use rule::{Batch, Delay, Remember, Rule, Trigger, Who};
pub use schema::{DEPLOYER, FunctionPhase, SchemaNames};

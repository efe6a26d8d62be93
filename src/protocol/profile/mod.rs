//! Protocols as data: a profile says in terms of its contracts' own functions and events what the actors do.
//!
//! [`Definition`] is what a profile's file says, [`expression`] the language of its values, conditions and calls.

mod definition;
pub mod expression;
pub mod interpreter;
mod plan;
mod replaced;
mod schema;

pub use definition::{
    Batch, ContractDefinition, Definition, Delay, Effect, EventDefinition, Field, FilePlace, Find, Invariant,
    Moment, Named, Origin, Outcome, Parameter, Remember, RoleDefinition, Rule, Transition, Trigger, Who,
};
pub use plan::{ActorLoad, ActorPlan, ProfileSetup};
pub use replaced::ReplacedContracts;
pub use schema::{DEPLOYER, FunctionPhase, SchemaNames};

//! A first profile of a contract, guessed from its ABI. `TODO` marks the decisions of a person.

mod guess;
mod write;

use alloy::json_abi::{Event, EventParam, Function};

use crate::artifacts::Contract;

/// A first profile, and a scenario that runs it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What files are called after: the contract's name in small letters, with hyphens.
    pub name: String,
    /// The profile.
    pub profile: String,
    /// The scenario; it names the profile's file as `<name>.toml`.
    pub scenario: String,
}

/// Why there is no draft.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDraft {
    /// The contract only reads.
    #[error("{0} has no function that changes anything")]
    NoFunction(String),
    /// No event tells which task it is about.
    #[error("{0} has no event with an argument that could be a task's key")]
    NoEvent(String),
}

/// What is guessed of a contract.
struct Guess<'a> {
    contract: &'a Contract,
    /// The name by which the profile knows it.
    name: String,
    /// The function that submits a task, and the event that opens it.
    submit: &'a Function,
    opening: &'a Event,
    /// The argument that is the task's key, and its name in the profile.
    key: &'a EventParam,
    key_name: String,
    /// Other events about a task, each with the argument that is its key.
    events: Vec<(&'a Event, &'a EventParam)>,
    /// The event that ends a task; `None` if the opening one does.
    closing: Option<&'a Event>,
    /// The function that leads to it.
    finish: Option<&'a Function>,
    /// Functions for users that the draft does not call.
    others: Vec<&'a Function>,
    /// Functions that look like an owner's.
    owners: Vec<&'a Function>,
}

/// Drafts a profile of `contract`, whose artifact is at `artifact` as seen from the profile's folder.
///
/// # Errors
/// If nothing in the ABI looks like a task.
pub fn draft(contract: &Contract, artifact: &str) -> Result<Draft, NoDraft> {
    let guess = Guess::of(contract)?;
    let name = guess::words(guess::title(&contract.name)).join("-");
    Ok(Draft {
        profile: write::profile(&guess, artifact),
        scenario: write::scenario(&name),
        name,
    })
}

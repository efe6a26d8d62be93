//! The outcome of a check of a profile: its contracts, roles, rules and events, and the state machine of its tasks.

mod flow;
mod text;

use serde::Serialize;

pub(super) use self::text::text;
use crate::{protocol::profile::Definition, report::charts::StateChart};

/// A profile, for machines.
#[derive(Debug, Serialize)]
pub(super) struct CheckedProfile {
    /// Contracts in the order of their deployment.
    contracts: Vec<String>,
    /// Roles, the deployer's last.
    roles: Vec<String>,
    /// Functions that are called, as results name them.
    functions: Vec<&'static str>,
    /// Events that the profile speaks of.
    events: Vec<String>,
    /// Phases, outcomes and what leads from one to another.
    states: StateChart,
}

impl CheckedProfile {
    /// What there is to say of a profile.
    pub(super) fn of(profile: &Definition) -> Self {
        let functions = profile.schema.functions.iter().map(|function| function.name());
        Self {
            contracts: profile
                .contracts
                .iter()
                .map(|contract| contract.name.clone())
                .collect(),
            roles: profile.roles.iter().map(|role| role.name.clone()).collect(),
            functions: functions.filter(|name| *name != FILLER).collect(),
            events: profile
                .logged_events()
                .map(|event| event.abi.signature())
                .collect(),
            states: flow::chart(profile),
        }
    }
}

/// The function that every schema has, which no profile calls.
const FILLER: &str = "fill_nonce";

/// The state machine of a profile's tasks.
#[must_use]
pub fn state_chart(profile: &Definition) -> StateChart {
    flow::chart(profile)
}

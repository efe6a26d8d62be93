//! The faults of a run and whom they may concern.

use std::collections::BTreeMap;

use crate::{
    fault::{FaultPlan, Subject},
    plan::Plan,
    protocol::{ActorId, Function},
    scenario::Scenario,
};

/// The faults of a run.
#[derive(Clone, Debug, Default)]
pub struct FaultSettings {
    /// What goes wrong, and when.
    pub plan: FaultPlan,
    /// The seed that all draws follow from.
    pub seed: u64,
    /// The group of every actor that has one.
    pub groups: BTreeMap<ActorId, String>,
}

impl FaultSettings {
    /// The faults of `scenario`, whose population is that of `plan`.
    #[must_use]
    pub fn of(scenario: &Scenario, plan: &Plan) -> Self {
        if scenario.faults.is_empty() {
            return Self::default();
        }
        Self {
            plan: scenario.faults.clone(),
            seed: scenario.seed,
            groups: plan.group_names(scenario),
        }
    }

    /// The names of a transaction's sender and call.
    pub(super) fn subject(&self, actor: ActorId, function: Function) -> Subject<'_> {
        Subject {
            role: actor.role.name(),
            group: self.groups.get(&actor).map(String::as_str).unwrap_or_default(),
            function: function.name(),
        }
    }
}

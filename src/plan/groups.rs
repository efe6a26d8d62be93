//! Names of the groups that actors are of.

use std::collections::BTreeMap;

use super::Plan;
use crate::{
    protocol::{ActorId, Role},
    scenario::Scenario,
};

impl Plan {
    /// The name of the group of every actor that has one: of all but oracles and a profile's deployer.
    #[must_use]
    pub fn group_names(&self, scenario: &Scenario) -> BTreeMap<ActorId, String> {
        let mut names = BTreeMap::new();
        let mut add = |role, index, name: Option<&String>| {
            if let Some(name) = name {
                names.insert(ActorId { role, index }, name.clone());
            }
        };
        for (index, owner) in (0..).zip(&self.owners) {
            let group = scenario.owners.get(owner.group as usize);
            add(Role::OWNER, index, group.map(|group| &group.name));
        }
        for (index, miner) in (0..).zip(&self.miners) {
            let group = scenario.miners.get(miner.group as usize);
            add(Role::MINER, index, group.map(|group| &group.name));
        }
        let (Some(plan), Some(run)) = (&self.profile, &scenario.profile) else {
            return names;
        };
        for (place, role) in plan.schema.roles.iter().enumerate() {
            let of_role = plan.actors.iter().filter(|actor| actor.role == place);
            for (index, actor) in (0..).zip(of_role) {
                add(
                    *role,
                    index,
                    run.group(place, actor.group).map(|group| &group.name),
                );
            }
        }
        names
    }
}

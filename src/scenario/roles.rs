//! A scenario's run of a profile: the profile, its parameters, and the groups of its roles.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use super::{DelayDistribution, Scenario, Submissions, SubmittingGroup, path::KeyPath};
use crate::{
    artifacts::Digest,
    fees::Eip1559Fees,
    protocol::{
        BehaviourSpec, ProtocolSchema, REFERENCE,
        profile::{Definition, expression::Expression},
    },
};

/// What a scenario says of the profile that it runs.
#[derive(Clone, Debug)]
pub struct ProfileRun {
    /// The profile.
    pub definition: Arc<Definition>,
    /// Its file: absolute, so that [`Scenario::to_toml`] can be read from any folder.
    pub file: PathBuf,
    /// The scenario's values of parameters: place among [`Definition::parameters`], value; in the order of the profile.
    pub parameters: Vec<(usize, Expression)>,
    /// The same values as the scenario writes them.
    pub parameter_texts: Vec<String>,
    /// Groups of the roles, role after role in the order of the profile.
    pub groups: Vec<RoleGroup>,
}

/// Two are equal if a scenario would write them alike: what a profile's file holds is not looked at.
impl PartialEq for ProfileRun {
    fn eq(&self, other: &Self) -> bool {
        let places = |run: &Self| {
            let parameters = run.parameters.iter().map(|(place, _)| *place);
            parameters.collect::<Vec<_>>()
        };
        self.file == other.file
            && self.definition.replaced == other.definition.replaced
            && self.groups == other.groups
            && places(self) == places(other)
            && self.parameter_texts == other.parameter_texts
    }
}

impl ProfileRun {
    /// Where its contracts come from: the artifacts that took the place of its own, as they were named, or its file's name.
    #[must_use]
    pub fn source(&self) -> String {
        let file = self.file.file_name().unwrap_or(self.file.as_os_str());
        match &self.definition.replaced {
            Some(replaced) => replaced.source.clone(),
            None => file.to_string_lossy().into_owned(),
        }
    }

    /// The name of a role.
    #[must_use]
    pub fn role_name(&self, role: usize) -> &str {
        &self.definition.roles[role].name
    }

    /// The groups of a role, in the order of the scenario.
    pub fn groups_of(&self, role: usize) -> impl Iterator<Item = &RoleGroup> {
        self.groups.iter().filter(move |group| group.role == role)
    }

    /// The group of a role at this place among the role's; `None` if there is none.
    #[must_use]
    pub fn group(&self, role: usize, place: u32) -> Option<&RoleGroup> {
        self.groups_of(role).nth(place as usize)
    }

    /// The groups that submit tasks.
    pub fn submitting(&self) -> impl Iterator<Item = SubmittingGroup<'_>> {
        self.groups.iter().filter_map(RoleGroup::submitting)
    }

    /// The place of each group in a scenario file.
    pub(super) fn paths(&self) -> Vec<KeyPath> {
        let path = |(place, group): (usize, &RoleGroup)| {
            let of_role = self.groups_of(group.role).count();
            let before = self.groups[..place].iter();
            let index = before.filter(|other| other.role == group.role).count();
            KeyPath::root()
                .key(self.role_name(group.role))
                .group(index, of_role)
        };
        self.groups.iter().enumerate().map(path).collect()
    }
}

/// Actors of one role that behave alike.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleGroup {
    /// Its role, as a place in [`Definition::roles`].
    pub role: usize,
    /// Unique among the role's groups; keys and random streams of its actors derive from it and the role's name.
    pub name: String,
    /// Actors in the group, from 1.
    pub count: u32,
    /// The role's delays, in the order of [`crate::protocol::profile::RoleDefinition::delays`].
    pub delays: Vec<DelayDistribution>,
    /// What it submits, and when; `None` for a role that does not.
    pub submissions: Option<Submissions>,
    /// How its actors misbehave; empty if they are honest.
    pub behaviour: Vec<BehaviourSpec>,
    /// What its actors' transactions offer to pay: the keys `tip` and `max_fee`.
    pub fees: Eip1559Fees,
}

impl RoleGroup {
    /// What it has in common with any group that submits tasks; `None` if it submits none.
    #[must_use]
    pub fn submitting(&self) -> Option<SubmittingGroup<'_>> {
        let submissions = self.submissions.as_ref()?;
        Some(SubmittingGroup {
            name: &self.name,
            count: self.count,
            sessions: 1,
            submissions,
        })
    }
}

impl Scenario {
    /// The schema of the protocol that it runs.
    #[must_use]
    pub fn schema(&self) -> &'static ProtocolSchema {
        let profile = self.profile.as_ref();
        profile.map_or(REFERENCE, |run| run.definition.schema)
    }

    /// The storage layouts of the contracts that it deploys, by the contracts' names, where their artifacts have them, as the
    /// compiler wrote them.
    #[must_use]
    pub fn storage_layouts(&self) -> BTreeMap<&str, &serde_json::Value> {
        match &self.profile {
            Some(run) => {
                let contracts = run.definition.contracts.iter();
                contracts
                    .filter_map(|contract| Some((contract.name.as_str(), contract.storage_layout.as_ref()?)))
                    .collect()
            }
            None => {
                let contracts = self.contracts.contracts();
                contracts
                    .filter_map(|(name, contract)| Some((name, contract.storage_layout.as_ref()?)))
                    .collect()
            }
        }
    }

    /// The digest of what it deploys, and of the profile that says how that is used.
    #[must_use]
    pub fn digest_of_contracts(&self) -> Digest {
        match &self.profile {
            Some(run) => run.definition.digest(),
            None => self.contracts.digest(),
        }
    }

    /// The groups that submit tasks: owners, or those of the profile's submitting role.
    #[must_use]
    pub fn submitting(&self) -> Vec<SubmittingGroup<'_>> {
        match &self.profile {
            Some(run) => run.submitting().collect(),
            None => self.owners.iter().map(super::OwnerGroup::submitting).collect(),
        }
    }

    /// What these groups submit, to be changed; in the same order.
    pub(crate) fn submissions_mut(&mut self) -> Vec<&mut Submissions> {
        match &mut self.profile {
            Some(run) => {
                let groups = run.groups.iter_mut();
                groups.filter_map(|group| group.submissions.as_mut()).collect()
            }
            None => {
                let owners = self.owners.iter_mut();
                owners.map(|group| &mut group.submissions).collect()
            }
        }
    }

    /// The place of all these groups in a scenario file.
    pub(super) fn submitting_path(&self) -> KeyPath {
        let role = self.profile.as_ref().and_then(|run| {
            let role = run.definition.submitting_role()?;
            Some(run.role_name(role))
        });
        KeyPath::root().key(role.unwrap_or("owners"))
    }

    /// The place of each of these groups, in the same order.
    pub(super) fn submitting_paths(&self) -> Vec<KeyPath> {
        let (path, groups) = (self.submitting_path(), self.submitting().len());
        (0..groups).map(|index| path.group(index, groups)).collect()
    }
}

//! A value for each of a run's actors, found by role and index without hashing.

use super::{ActorId, Role};

/// A value for each actor. Indices of a role count up from 0, so the values of a role lie side by side.
#[derive(Clone, Debug)]
pub struct ActorMap<T>(Vec<OfRole<T>>);

/// The values of a role's actors by their indices; no role if there are none.
#[derive(Clone, Debug)]
struct OfRole<T> {
    role: Option<Role>,
    values: Vec<Option<T>>,
}

impl<T> Default for ActorMap<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> ActorMap<T> {
    /// The actor's value.
    #[must_use]
    pub fn get(&self, actor: ActorId) -> Option<&T> {
        let of_role = self.0.get(actor.role.index())?;
        of_role.values.get(actor.index as usize)?.as_ref()
    }

    /// The actor's value.
    pub fn get_mut(&mut self, actor: ActorId) -> Option<&mut T> {
        let of_role = self.0.get_mut(actor.role.index())?;
        of_role.values.get_mut(actor.index as usize)?.as_mut()
    }

    /// Gives the actor a value, in the place of the one that it may have.
    pub fn insert(&mut self, actor: ActorId, value: T) {
        let (role, index) = (actor.role.index(), actor.index as usize);
        if self.0.len() <= role {
            self.0.resize_with(role + 1, || OfRole {
                role: None,
                values: Vec::new(),
            });
        }
        let of_role = &mut self.0[role];
        of_role.role = Some(actor.role);
        if of_role.values.len() <= index {
            of_role.values.resize_with(index + 1, || None);
        }
        of_role.values[index] = Some(value);
    }

    /// All actors with their values, role after role, those of a role by index.
    pub fn iter(&self) -> impl Iterator<Item = (ActorId, &T)> {
        self.0.iter().flat_map(|OfRole { role, values }| {
            let each = (0..)
                .zip(values)
                .filter_map(|(index, value)| Some((index, value.as_ref()?)));
            each.filter_map(|(index, value)| {
                Some((
                    ActorId {
                        role: (*role)?,
                        index,
                    },
                    value,
                ))
            })
        })
    }
}

impl<T> FromIterator<(ActorId, T)> for ActorMap<T> {
    fn from_iter<I: IntoIterator<Item = (ActorId, T)>>(values: I) -> Self {
        let mut map = Self::default();
        for (actor, value) in values {
            map.insert(actor, value);
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::ActorMap;
    use crate::protocol::{ActorId, Role};

    #[test]
    fn values_are_found_and_listed_by_role_and_index() {
        let actor = |role, index| ActorId { role, index };
        let mut map: ActorMap<&str> = [
            (actor(Role::MINER, 1), "second miner"),
            (actor(Role::OWNER, 0), "owner"),
            (actor(Role::MINER, 0), "first miner"),
        ]
        .into_iter()
        .collect();
        assert_eq!(map.get(actor(Role::MINER, 1)), Some(&"second miner"));
        assert_eq!(map.get(actor(Role::MINER, 2)), None);
        assert_eq!(map.get(actor(Role::ORACLE, 0)), None);
        map.insert(actor(Role::OWNER, 0), "another owner");
        *map.get_mut(actor(Role::MINER, 0)).expect("it is there") = "a miner";
        let all: Vec<_> = map.iter().collect();
        let expected = [
            (actor(Role::OWNER, 0), &"another owner"),
            (actor(Role::MINER, 0), &"a miner"),
            (actor(Role::MINER, 1), &"second miner"),
        ];
        assert_eq!(all, expected);
    }
}

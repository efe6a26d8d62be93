//! Groups of actors in a tree: the only values that are known by a name.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::scenario::{Submissions, suggest};

/// The key that names the profile that a scenario runs.
pub(super) const PROTOCOL: &str = "protocol";

/// Keys of a scenario that runs a profile; all others are groups of its roles.
pub(in crate::scenario) const BESIDE_ROLES: [&str; 12] = [
    "name",
    "description",
    "seed",
    "extends",
    PROTOCOL,
    "thresholds",
    "chain",
    "contracts",
    "parameters",
    "measure",
    "limits",
    "faults",
];

/// Which keys of a scenario are groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Groups {
    /// Owners and miners.
    OfReference,
    /// Those of a profile's roles: which these are, only the profile says.
    OfRoles,
}

impl Groups {
    /// Those of a scenario that these trees are put together to.
    pub(super) fn of<'t, 'a: 't>(trees: impl IntoIterator<Item = &'t DeTable<'a>>) -> Self {
        match trees.into_iter().any(|tree| tree.contains_key(PROTOCOL)) {
            true => Self::OfRoles,
            false => Self::OfReference,
        }
    }

    /// Whether the value of `key` at the root is one group or a list of them.
    pub(super) fn contain(self, key: &str) -> bool {
        match self {
            Self::OfReference => matches!(key, "owners" | "miners"),
            Self::OfRoles => !BESIDE_ROLES.contains(&key),
        }
    }

    /// Whether the group of `key` submits tasks: an owner does, and of a role those that say something of a load. Some say so
    /// always, since something must end the load.
    pub(super) fn submits(self, key: &str, group: &DeTable<'_>) -> bool {
        match self {
            Self::OfReference => key == "owners",
            Self::OfRoles => {
                self.contain(key)
                    && Submissions::KEYS
                        .iter()
                        .any(|of_load| group.contains_key(*of_load))
            }
        }
    }
}

/// What the group `index` of `key` is named where it does not say.
pub(in crate::scenario) fn default_name(key: &str, index: usize) -> String {
    if index == 0 {
        key.to_owned()
    } else {
        format!("{key}-{}", index + 1)
    }
}

/// The names of the groups in the value of `key`: what is written, or the default.
pub(super) fn names(key: &str, groups: &DeValue<'_>) -> Vec<String> {
    let name = |(index, group): (usize, Option<&DeTable<'_>>)| {
        let written = group.and_then(|group| group.get("name")?.get_ref().as_str());
        written.map_or_else(|| default_name(key, index), str::to_owned)
    };
    match groups {
        DeValue::Table(group) => vec![name((0, Some(group)))],
        DeValue::Array(elements) => {
            let tables = elements.iter().map(|element| element.get_ref().as_table());
            tables.enumerate().map(name).collect()
        }
        _ => Vec::new(),
    }
}

/// The table of the group `index`.
pub(super) fn group<'v, 'a>(
    groups: &'v mut Spanned<DeValue<'a>>,
    index: usize,
) -> Option<&'v mut DeTable<'a>> {
    let value = match groups.get_mut() {
        DeValue::Array(elements) => elements.get_mut(index)?.get_mut(),
        value if index == 0 => value,
        _ => return None,
    };
    match value {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

/// How to say which of several groups is meant instead of `word`; `written` is how a group is named there.
pub(super) fn which(word: &str, names: &[String], written: impl Fn(&str) -> String) -> String {
    let words: Vec<_> = names.iter().map(String::as_str).collect();
    suggest::nearest(word, &words).map_or_else(
        || {
            let choices: Vec<_> = names.iter().map(|name| format!("`{}`", written(name))).collect();
            format!("Name the group: {}.", choices.join(" or "))
        },
        |meant| format!("Did you mean `{}`?", written(meant)),
    )
}

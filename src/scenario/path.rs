//! Names of places in a scenario: `owners[1].redundancy`.

use std::fmt;

/// Where a value stands in a scenario, from its root. The place need not exist in a file: a default has a path too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KeyPath(Vec<Step>);

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Into a table.
    Key(String),
    /// Into an array. Index 0 may be left out, and may stand where there is no array, since an only group may be
    /// written as a table.
    Index(usize),
}

impl KeyPath {
    /// The file as a whole.
    pub(super) fn root() -> Self {
        Self::default()
    }

    /// The value of `key` in the table here.
    pub(super) fn key(&self, key: &str) -> Self {
        self.step(Step::Key(key.to_owned()))
    }

    /// The element `index` of the array here.
    pub(super) fn index(&self, index: usize) -> Self {
        self.step(Step::Index(index))
    }

    fn step(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The keys alone: `owners.load` for all groups of owners.
    #[cfg(test)]
    pub(super) fn keys(&self) -> String {
        let keys = self.0.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        });
        keys.collect::<Vec<_>>().join(".")
    }

    /// The steps from the root.
    pub(super) fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The element `index` of `len` groups: an only group is named without an index, as it may be written.
    pub(super) fn group(&self, index: usize, len: usize) -> Self {
        if len == 1 { self.clone() } else { self.index(index) }
    }

    /// Whether one of the two contains the other, or they are the same.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        fn telling(path: &KeyPath) -> impl Iterator<Item = &Step> {
            path.0.iter().filter(|step| **step != Step::Index(0))
        }
        telling(self)
            .zip(telling(other))
            .all(|(mine, theirs)| mine == theirs)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if place == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

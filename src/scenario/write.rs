//! Scenario → TOML that reads back as the same scenario.

use std::sync::LazyLock;

use super::{
    Scenario,
    keys::{Key, Section, lines, root, sections},
};

/// The keys outside of all sections, and the sections.
static KEYS: LazyLock<(Vec<Key<Scenario>>, Vec<Section>)> = LazyLock::new(|| (root(), sections()));

impl Scenario {
    /// The scenario as a file, every default written out. [`Scenario::load`] reads an equal one back from a folder where
    /// the files of [`Scenario::data`] are; one without data files, [`Scenario::from_toml`] too.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let (root, sections) = &*KEYS;
        let sections = sections.iter().map(|section| (section.text)(self));
        [lines(root, self)].into_iter().chain(sections).collect()
    }
}

//! Reading a table key by key.

use std::{borrow::Cow, cell::RefCell};

use toml::{Spanned, de::DeTable};

use super::{report::Report, value::Value};
use crate::scenario::{
    compose::EXTENDS,
    path::KeyPath,
    problem::Problem,
    suggest::{self, list},
};

/// A table being read. Keys that nothing asked for are problems, found by [`Table::finish`].
pub(in crate::scenario) struct Table<'a> {
    entries: Option<&'a DeTable<'a>>,
    path: KeyPath,
    report: &'a Report,
    known: RefCell<Vec<Cow<'static, str>>>,
    missing: RefCell<Vec<(&'static str, String)>>,
}

impl<'a> Table<'a> {
    /// The file's outermost table.
    pub(in crate::scenario) fn root(tree: &'a Spanned<DeTable<'a>>, report: &'a Report) -> Self {
        Self::new(Some(tree.get_ref()), KeyPath::root(), report)
    }

    /// A table with a place; `None` for one that was left out, or is unusable: everything takes its default.
    pub(in crate::scenario) fn new(
        entries: Option<&'a DeTable<'a>>,
        path: KeyPath,
        report: &'a Report,
    ) -> Self {
        Self {
            entries,
            path,
            report,
            known: RefCell::default(),
            missing: RefCell::default(),
        }
    }

    /// The table that is `value`.
    pub(in crate::scenario) fn of(value: &Value<'a>) -> Option<Self> {
        let entries = value.clone().entries()?;
        Some(Self::new(Some(entries), value.path().clone(), value.report()))
    }

    /// Its place.
    pub(in crate::scenario) fn path(&self) -> &KeyPath {
        &self.path
    }

    /// Where problems go.
    pub(in crate::scenario) fn report(&self) -> &'a Report {
        self.report
    }

    /// Whether there is a value of `key`; asks for nothing.
    pub(in crate::scenario) fn has(&self, key: &str) -> bool {
        self.entries.is_some_and(|entries| entries.contains_key(key))
    }

    /// The value of `key`, if it is there.
    pub(in crate::scenario) fn value(&self, key: &'static str) -> Option<Value<'a>> {
        self.look_up(Cow::Borrowed(key))
    }

    /// As [`Table::value`], of a key that another file names.
    pub(super) fn named(&self, key: &str) -> Option<Value<'a>> {
        self.look_up(Cow::Owned(key.to_owned()))
    }

    fn look_up(&self, key: Cow<'static, str>) -> Option<Value<'a>> {
        let path = self.path.key(&key);
        #[cfg(test)]
        self.report.known.borrow_mut().insert(path.keys());
        let value = self.entries.and_then(|entries| entries.get(&*key));
        self.known.borrow_mut().push(key);
        Some(Value::new(value?, path, self.report))
    }

    /// The value of `key` as `read` reads it; `None` if it is not there or unusable.
    pub(in crate::scenario) fn optional<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(Value<'a>) -> Option<T>,
    ) -> Option<T> {
        self.value(key).and_then(read)
    }

    /// The value of `key` as `read` reads it, which must be there; `example` is a line that would do.
    pub(in crate::scenario) fn required<T>(
        &self,
        key: &'static str,
        example: impl Into<String>,
        read: impl FnOnce(Value<'a>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key);
        if value.is_none() {
            self.missing.borrow_mut().push((key, example.into()));
        }
        value.and_then(read)
    }

    /// The table that is the value of `key`; one that is not there is like an empty one.
    pub(in crate::scenario) fn table(&self, key: &'static str) -> Table<'a> {
        let entries = self.optional(key, |value| value.entries());
        Table::new(entries, self.path.key(key), self.report)
    }

    /// Notes the keys that nothing asked for, and those that were asked for in vain.
    pub(in crate::scenario) fn finish(self) {
        let Self {
            entries,
            path,
            report,
            known,
            missing,
        } = self;
        let (known, mut missing) = (known.into_inner(), missing.into_inner());
        let Some(entries) = entries else { return };
        let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
        for key in entries
            .keys()
            .map(Spanned::get_ref)
            .filter(|key| !known.contains(&key.as_ref()))
        {
            let unused: Vec<_> = known
                .iter()
                .copied()
                .filter(|known| !entries.contains_key(*known))
                .collect();
            let meant = suggest::nearest(key, &unused).or_else(|| suggest::nearest(key, &known));
            let help = meant.map_or_else(
                || format!("the keys here are {}", list(&known)),
                |meant| format!("did you mean `{meant}`?"),
            );
            missing.retain(|(name, _)| Some(*name) != meant);
            if meant == Some(EXTENDS) {
                // What is missing may be in the file that was to be extended.
                missing.clear();
            }
            let here = if path == KeyPath::root() {
                report.subject().to_owned()
            } else {
                format!("`{path}`")
            };
            let problem =
                Problem::new(format!("{here} has no key `{key}`"), help).at_key(path.key(key), "unknown key");
            report.broken(path.key(meant.unwrap_or(key)), problem);
        }
        for (key, example) in missing {
            let problem = Problem::new(
                format!("`{}` is missing", path.key(key)),
                format!("add it: {example}"),
            )
            .at(path.clone(), format!("needs `{key}`"));
            report.broken(path.key(key), problem);
        }
    }
}

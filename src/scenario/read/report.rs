//! The problems found so far.

use std::cell::RefCell;

use super::data::DataFiles;
use crate::scenario::{DataFile, Finding, path::KeyPath, problem::Problem};

/// Collects problems, which values stand-ins were put in for, and the data files that were read.
#[derive(Debug, Default)]
pub(in crate::scenario) struct Report {
    data: DataFiles,
    /// The file as a whole; `None` for a scenario.
    subject: Option<&'static str>,
    problems: RefCell<Vec<Problem>>,
    broken: RefCell<Vec<KeyPath>>,
    /// What is wrong with other files that the scenario names.
    elsewhere: RefCell<Vec<Finding>>,
    /// The keys that were looked for, whether they were there or not.
    #[cfg(test)]
    pub(in crate::scenario) known: RefCell<std::collections::BTreeSet<String>>,
}

impl Report {
    /// A report on a scenario beside these data files.
    pub(super) fn new(data: DataFiles) -> Self {
        Self {
            data,
            ..Self::default()
        }
    }

    /// A report on a file of something else, `a profile`, which names no data files.
    pub(in crate::scenario) fn of(subject: &'static str) -> Self {
        Self {
            subject: Some(subject),
            ..Self::default()
        }
    }

    /// The file as a whole, with its article.
    pub(in crate::scenario) fn subject(&self) -> &'static str {
        self.subject.unwrap_or("a scenario")
    }

    /// The data files beside the scenario.
    pub(super) const fn data(&self) -> &DataFiles {
        &self.data
    }

    /// Notes that the value at `path` cannot be used, because of `problem`.
    pub(in crate::scenario) fn broken(&self, path: KeyPath, problem: Problem) {
        self.broken.borrow_mut().push(path);
        self.problems.borrow_mut().push(problem);
    }

    /// Notes what is wrong with a file that the scenario names.
    pub(super) fn elsewhere(&self, findings: Vec<Finding>) {
        self.elsewhere.borrow_mut().extend(findings);
    }

    /// Takes what is wrong with other files.
    pub(super) fn take_elsewhere(&self) -> Vec<Finding> {
        self.elsewhere.take()
    }

    /// Notes the problems that concern no unusable value: the others may be about a stand-in.
    pub(in crate::scenario) fn add_unless_broken(&self, problems: Vec<Problem>) {
        let broken = self.broken.borrow();
        let sound = |path: &KeyPath| !broken.iter().any(|other| other.overlaps(path));
        self.problems.borrow_mut().extend(
            problems
                .into_iter()
                .filter(|problem| problem.labels.iter().all(|label| sound(&label.path))),
        );
    }

    /// All problems, and the data files that were read.
    pub(in crate::scenario) fn finish(self) -> (Vec<Problem>, Vec<DataFile>) {
        (self.problems.into_inner(), self.data.into_read())
    }
}

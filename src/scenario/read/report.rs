//! The problems found so far.

use std::cell::RefCell;

use crate::scenario::{path::KeyPath, problem::Problem};

/// Collects problems, and which values stand-ins were put in for.
#[derive(Debug, Default)]
pub(super) struct Report {
    problems: RefCell<Vec<Problem>>,
    broken: RefCell<Vec<KeyPath>>,
}

impl Report {
    /// Notes that the value at `path` cannot be used, because of `problem`.
    pub(super) fn broken(&self, path: KeyPath, problem: Problem) {
        self.broken.borrow_mut().push(path);
        self.problems.borrow_mut().push(problem);
    }

    /// Notes the problems that concern no unusable value: the others may be about a stand-in.
    pub(super) fn add_unless_broken(&self, problems: Vec<Problem>) {
        let broken = self.broken.borrow();
        let sound = |path: &KeyPath| !broken.iter().any(|other| other.overlaps(path));
        self.problems.borrow_mut().extend(
            problems
                .into_iter()
                .filter(|problem| problem.labels.iter().all(|label| sound(&label.path))),
        );
    }

    /// All of them.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }
}

//! Violations of invariants.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{TaskKey, schema::Invariant};

/// An invariant that did not hold, and where.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Violation {
    /// Which rule.
    pub invariant: Invariant,
    /// The task that it was seen on, if it was one.
    pub task: Option<TaskKey>,
    /// What was seen, for people.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.invariant.code())?;
        if let Some(task) = self.task {
            write!(f, "{task}: ")?;
        }
        f.write_str(&self.detail)
    }
}

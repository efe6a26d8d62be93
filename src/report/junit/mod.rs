//! JUnit XML, which CI systems show: what was checked, and what of it failed.

mod xml;

use std::time::Duration;

use jiff::Timestamp;
pub use xml::junit_xml;

/// What was checked together: a run, say.
#[derive(Clone, Debug, PartialEq)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// When it began.
    pub began: Timestamp,
    /// The duration.
    pub took: Duration,
    /// What else there is to know of it: name and value.
    pub properties: Vec<(String, String)>,
    /// What was checked.
    pub cases: Vec<Case>,
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What kind of check it is; the class of a test in JUnit's terms.
    pub class: String,
    /// What was checked.
    pub name: String,
    /// What came of it.
    pub verdict: CaseOutcome,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseOutcome {
    /// It held.
    Passed,
    /// It did not hold.
    Failed {
        /// A word for what kind of failure it is.
        kind: &'static str,
        /// What was found, in one line.
        message: String,
        /// More of it; may be empty.
        details: String,
    },
    /// It was not decided, or left out on purpose.
    Skipped {
        /// Why, in one line.
        message: String,
    },
    /// It could not be checked.
    Error {
        /// A word for what kind of error it is.
        kind: &'static str,
        /// Why, in one line.
        message: String,
    },
}

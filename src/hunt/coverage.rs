//! Coverage: what was done to the contracts, and how they took it.

use std::collections::BTreeMap;

use serde::Serialize;

/// How the contracts took a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// They took it.
    Accepted,
    /// They refused it with this error.
    Refused(String),
}

impl Outcome {
    /// Refused for a reason, of which the name counts.
    #[must_use]
    pub fn refused(reason: &str) -> Self {
        let name: String = reason
            .chars()
            .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
            .collect();
        Self::Refused(name)
    }
}

/// Something that was covered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Coverage {
    /// The function; `other` of what no actor calls.
    pub function: &'static str,
    /// How it was taken.
    pub outcome: Outcome,
    /// The phase of its task when it was included; empty where there is none.
    pub phase: &'static str,
    /// The kind of move, or the behaviour of the sender.
    pub kind: String,
}

/// All that was covered, with how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoverageMap(BTreeMap<Coverage, u64>);

impl CoverageMap {
    /// Adds something; whether it is new.
    pub fn add(&mut self, covered: Coverage) -> bool {
        let count = self.0.entry(covered).or_default();
        *count += 1;
        *count == 1
    }

    /// How many different things were covered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was covered, with how often, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Coverage, u64)> {
        self.0.iter().map(|(covered, count)| (covered, *count))
    }
}

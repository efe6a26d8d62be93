//! Failures of a run by reason, as every output lists them.

use crate::record::RunResult;

/// What failed for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Failures<'a> {
    /// `task`, or the phase of the transactions.
    pub(crate) of: &'a str,
    /// `failed`, `reverted`, `refused` or `lost`.
    pub(crate) outcome: &'a str,
    /// The reason, in the words of the contract or the node.
    pub(crate) reason: &'a str,
    /// An example of it, if it stands for several.
    pub(crate) example: Option<&'a str>,
    /// How many.
    pub(crate) count: u64,
}

impl Failures<'_> {
    /// The reason, with its example.
    pub(crate) fn why(&self) -> String {
        match self.example {
            Some(example) => format!("{}; first: {example}", self.reason.trim()),
            None => self.reason.trim().to_owned(),
        }
    }
}

/// The failures of tasks and transactions, the most frequent first.
pub(crate) fn failures(result: &RunResult) -> Vec<Failures<'_>> {
    let tasks = result.tasks.failed_by_reason.iter();
    let mut all: Vec<Failures<'_>> = tasks
        .map(|(reason, count)| Failures {
            of: "task",
            outcome: "failed",
            reason,
            example: result.tasks.reason_examples.get(reason).map(String::as_str),
            count: *count,
        })
        .collect();
    for (phase, of_phase) in &result.phases {
        let of = phase.name();
        all.extend(of_phase.failures.iter().map(|(outcome, reason, count)| Failures {
            of,
            outcome,
            reason,
            example: of_phase.failures.examples.get(reason).map(String::as_str),
            count,
        }));
    }
    all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.cmp(b)));
    all
}

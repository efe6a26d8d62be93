//! A hunt as a suite: every finding is a failure.

use jiff::Timestamp;

use super::text::length;
use crate::{
    hunt::Hunt,
    report::junit::{Case, CaseOutcome, Suite},
    scenario::Scenario,
};

/// The suite of a hunt that began at `began`.
#[must_use]
pub fn junit_of_hunt(hunt: &Hunt, scenario: &Scenario, began: Timestamp) -> Suite {
    let name = format!("taskstorm.hunt.{}", scenario.name);
    let mut cases: Vec<Case> = hunt
        .findings
        .iter()
        .map(|finding| Case {
            class: format!("{name}.{}", finding.broken.name),
            name: finding.name(),
            verdict: CaseOutcome::Failed {
                kind: "finding",
                message: format!("{}: {}", finding.broken.rule, finding.broken.detail),
                details: format!("{}, found in run {}\n", length(finding), finding.run),
            },
        })
        .collect();
    cases.push(Case {
        class: name.clone(),
        name: "complete".to_owned(),
        verdict: if hunt.interrupted {
            CaseOutcome::Skipped {
                message: "the hunt was interrupted".to_owned(),
            }
        } else {
            CaseOutcome::Passed
        },
    });
    let properties = [
        ("seed", scenario.seed.to_string()),
        ("runs", hunt.progress.runs.to_string()),
        ("transactions", hunt.progress.transactions.to_string()),
        ("coverage", hunt.progress.coverage.to_string()),
    ];
    Suite {
        name: format!("{name} · seed {}", scenario.seed),
        began,
        took: hunt.progress.took,
        properties: properties
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        cases,
    }
}

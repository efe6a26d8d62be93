//! A comparison as a suite: its rules, or every metric if there are none.

use std::time::Duration;

use jiff::Timestamp;

use super::words;
use crate::{
    compare::{Comparison, RuleOutcome, Verdict as Became},
    report::junit::{Case, Suite, Verdict},
};

/// The suite of a comparison that began at `began` and took `took`. With rules, a case is a rule and fails with it. Without, a case is
/// a metric and fails if that is worse. Sides that should not have been compared are an error.
#[must_use]
pub fn junit_of_comparison(comparison: &Comparison, began: Timestamp, took: Duration) -> Suite {
    let name = "taskstorm.compare";
    let case = |class: &str, case: &str, verdict| Case {
        class: format!("{name}.{class}"),
        name: case.to_owned(),
        verdict,
    };
    let comparable = match comparison.incomparable.as_slice() {
        [] => Verdict::Passed,
        why => Verdict::Error {
            kind: "incomparable",
            message: why.join("; "),
        },
    };
    let mut cases = vec![case("sides", "comparable", comparable)];
    if comparison.rules.is_empty() {
        cases.extend(comparison.gas.iter().map(|gas| {
            let rows = words::gas_rows(gas);
            case("gas", &gas.quantity, worse(gas.verdict, &rows))
        }));
        let latency = comparison.latency.iter().flat_map(|latency| &latency.metrics);
        cases.extend(latency.map(|metric| {
            let row = words::latency_row(metric);
            case("latency", &metric.metric, worse(metric.verdict, &[row]))
        }));
    }
    cases.extend(comparison.rules.iter().map(|rule| {
        let verdict = match rule.outcome {
            RuleOutcome::Held | RuleOutcome::Undecided => Verdict::Passed,
            RuleOutcome::Failed => Verdict::Failed {
                kind: "regression",
                message: format!(
                    "{}: {}",
                    rule.rule,
                    rule.findings.first().map_or("", String::as_str)
                ),
                details: rule
                    .findings
                    .iter()
                    .map(|finding| format!("{finding}\n"))
                    .collect(),
            },
        };
        case("rules", &rule.rule, verdict)
    }));
    let properties = [
        ("base", words::side(&comparison.base)),
        ("new", words::side(&comparison.new)),
        ("verdicts", words::verdicts(comparison)),
        ("method", words::method(comparison)),
    ];
    let mut properties: Vec<_> = properties
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    properties.extend(
        comparison
            .notes
            .iter()
            .map(|note| ("note".to_owned(), note.clone())),
    );
    Suite {
        name: name.to_owned(),
        began,
        took,
        properties,
        cases,
    }
}

fn worse(became: Became, rows: &[Vec<String>]) -> Verdict {
    match became {
        Became::Better | Became::Same | Became::NotEnoughData => Verdict::Passed,
        Became::Worse => {
            let lines: Vec<String> = rows.iter().map(|row| row.join(" · ")).collect();
            Verdict::Failed {
                kind: "worse",
                message: lines.first().cloned().unwrap_or_default(),
                details: lines.join("\n"),
            }
        }
    }
}

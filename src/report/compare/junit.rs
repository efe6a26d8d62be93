//! A comparison as a suite: its rules, or every metric if there are none.

use std::time::Duration;

use jiff::Timestamp;

use super::format;
use crate::{
    compare::{Comparison, Inconclusive, RuleOutcome, Verdict},
    report::junit::{Case, CaseOutcome, Suite},
};

/// The suite of a comparison that began at `began` and took `took`. With rules, a case is a rule and fails with it; one that
/// is inconclusive fails or is skipped. Without, a case is a metric: it fails if that is worse or is no longer measured,
/// and is skipped if there is not enough data. Sides that should not have been compared are an error.
#[must_use]
pub fn junit_of_comparison(comparison: &Comparison, began: Timestamp, took: Duration) -> Suite {
    let name = "taskstorm.compare";
    let case = |class: &str, case: &str, verdict| Case {
        class: format!("{name}.{class}"),
        name: case.to_owned(),
        verdict,
    };
    let comparable = match comparison.incomparable.as_slice() {
        [] => CaseOutcome::Passed,
        why => CaseOutcome::Error {
            kind: "incomparable",
            message: why.join("; "),
        },
    };
    let mut cases = vec![case("comparability", "comparable", comparable)];
    if comparison.rules.is_empty() {
        cases.extend(comparison.gas.iter().map(|gas| {
            let verdict = metric(
                gas.verdict,
                gas.has_vanished(),
                gas.reason.as_deref(),
                &format::gas_rows(gas),
            );
            case("gas", &gas.quantity, verdict)
        }));
        for latency in &comparison.latency {
            cases.extend(latency.metrics.iter().map(|of| {
                let (reason, row) = (of.reason.as_deref(), format::latency_row(of));
                let verdict = metric(of.verdict, latency.has_vanished(), reason, &[row]);
                case("latency", &of.metric, verdict)
            }));
        }
    }
    cases.extend(comparison.rules.iter().map(|rule| {
        let first = rule.findings.first().map_or("", String::as_str);
        let message = format!("{}: {first}", rule.rule);
        let failed = |kind| CaseOutcome::Failed {
            kind,
            message: message.clone(),
            details: rule
                .findings
                .iter()
                .map(|finding| format!("{finding}\n"))
                .collect(),
        };
        let verdict = match (rule.outcome, comparison.inconclusive) {
            (RuleOutcome::Held, _) => CaseOutcome::Passed,
            (RuleOutcome::Failed, _) => failed("regression"),
            (RuleOutcome::Inconclusive, Inconclusive::Fail) => failed("inconclusive"),
            // Even where it lets the candidate pass, it was no test that passed.
            (RuleOutcome::Inconclusive, Inconclusive::Skip | Inconclusive::Pass) => CaseOutcome::Skipped {
                message: message.clone(),
            },
        };
        case("rules", &rule.rule, verdict)
    }));
    let properties = [
        ("baseline", format::runs_line(&comparison.base)),
        ("candidate", format::runs_line(&comparison.new)),
        ("verdicts", format::verdicts(comparison)),
        ("method", format::method(comparison)),
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

/// What verdict of a metric, where nothing was asked for.
fn metric(verdict: Verdict, has_vanished: bool, reason: Option<&str>, rows: &[Vec<String>]) -> CaseOutcome {
    let kind = match verdict {
        Verdict::NotEnoughData if has_vanished => "vanished",
        Verdict::NotEnoughData => {
            return CaseOutcome::Skipped {
                message: reason.unwrap_or("not enough data").to_owned(),
            };
        }
        Verdict::Worse => "regressed",
        Verdict::Better | Verdict::Same | Verdict::Shifted => return CaseOutcome::Passed,
    };
    let lines: Vec<String> = rows.iter().map(|row| row.join(" · ")).collect();
    CaseOutcome::Failed {
        kind,
        message: lines.first().cloned().unwrap_or_default(),
        details: lines.join("\n"),
    }
}

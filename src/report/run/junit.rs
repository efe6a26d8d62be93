//! A run as a suite: whether it was complete, its thresholds, and its invariants.

use jiff::Timestamp;

use crate::{
    format::human,
    metric::Threshold,
    record::{RunResult, StopReason, ThresholdVerdict},
    report::junit::{Case, CaseOutcome, Suite},
};

/// The moment at which every run in virtual time starts: the start of 2026.
const VIRTUAL_START: i64 = 1_767_225_600;

/// The suite of a run.
#[must_use]
pub fn junit_of_run(result: &RunResult) -> Suite {
    let name = format!("taskstorm.{}", result.scenario.name);
    let class = |kind: &str| format!("{name}.{kind}");
    let mut cases = vec![Case {
        class: class("run"),
        name: "complete".to_owned(),
        verdict: completeness(result),
    }];
    cases.extend(result.thresholds.iter().map(|verdict| Case {
        class: class("thresholds"),
        name: verdict.expression.clone(),
        verdict: threshold(verdict),
    }));
    cases.extend(result.invariants.checked.iter().map(|invariant| {
        let times = result.invariants.violated_by_invariant.get(invariant);
        let of_it = result.invariants.violations.iter();
        let of_it = of_it.filter(|violation| violation.invariant == *invariant);
        Case {
            class: class("invariants"),
            name: invariant.code().to_owned(),
            verdict: match times {
                None => CaseOutcome::Passed,
                Some(times) => CaseOutcome::Failed {
                    kind: "invariant",
                    message: format!("broken {}", human::counted(*times, "time")),
                    details: of_it.map(|violation| format!("{violation}\n")).collect(),
                },
            },
        }
    }));
    let mut properties = vec![
        ("seed", result.scenario.seed.to_string()),
        ("chain", result.chain.kind.clone()),
        ("clock", result.clock.name().to_owned()),
        ("taskstorm", result.tool_version.clone()),
        ("tasks.submitted", result.tasks.submitted.to_string()),
        ("tasks.ended", result.tasks.ended.to_string()),
    ];
    properties.extend(result.chain.hardfork.clone().map(|fork| ("hardfork", fork)));
    let virtual_start = Timestamp::from_second(VIRTUAL_START).unwrap_or_default();
    Suite {
        name: format!("{name} · seed {}", result.scenario.seed),
        began: result.started_at.unwrap_or(virtual_start),
        took: result.duration_us.into(),
        properties: properties
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        cases,
    }
}

/// A run that was cut short says nothing for sure; one that a threshold ended early has said enough.
fn completeness(result: &RunResult) -> CaseOutcome {
    if result.complete || result.stop_reason == StopReason::ThresholdLost {
        return CaseOutcome::Passed;
    }
    let reasons = [&result.stop_message, &result.journal_error]
        .into_iter()
        .flatten();
    let reasons: String = reasons.map(|reason| format!(": {reason}")).collect();
    CaseOutcome::Error {
        kind: "incomplete",
        message: format!("{}{reasons}", result.stop_reason.description()),
    }
}

fn threshold(verdict: &ThresholdVerdict) -> CaseOutcome {
    if verdict.held {
        return CaseOutcome::Passed;
    }
    let measured = human::measured(verdict);
    let kind = if verdict.measured.is_some() {
        "threshold"
    } else {
        "unmeasured"
    };
    let details = match Threshold::parse(&verdict.expression) {
        Ok(threshold) => {
            let Threshold {
                metric,
                operator,
                bound,
                ..
            } = threshold;
            format!(
                "metric: {metric}, {}\nmeasured: {measured}\nbound: {} {}\n",
                metric.meaning(),
                operator.name(),
                human::value(metric.unit(), bound)
            )
        }
        Err(_) => String::new(),
    };
    CaseOutcome::Failed {
        kind,
        message: format!("{}: {measured}", verdict.expression),
        details,
    }
}

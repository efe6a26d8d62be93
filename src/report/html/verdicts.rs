//! Verdicts of a run, and the tables that they rest on.

use serde::Serialize;

use super::table::TitledTable;
use crate::{
    format::{Cell, Table, Tone, human},
    record::{RunResult, StopReason},
    run_folder::{failures, node_line, repeated_requests},
};

/// One thing that was looked at, and what came of it.
#[derive(Debug, Serialize)]
pub(super) struct VerdictCard {
    pub(super) tone: Tone,
    /// What was looked at.
    pub(super) about: &'static str,
    pub(super) says: String,
    pub(super) detail: String,
}

/// The verdicts of the page's head.
pub(super) fn verdicts(result: &RunResult) -> Vec<VerdictCard> {
    vec![
        complete(result),
        tasks(result),
        thresholds(result),
        invariants(result),
    ]
}

fn complete(result: &RunResult) -> VerdictCard {
    let messages = [&result.stop_message, &result.journal_error];
    let messages: Vec<&str> = messages.into_iter().flatten().map(String::as_str).collect();
    if result.complete {
        return VerdictCard {
            tone: Tone::Good,
            about: "run",
            says: "complete".to_owned(),
            detail: "Run completed.".to_owned(),
        };
    }
    let mut detail = result.stop_reason.description().to_owned();
    for message in messages {
        detail.push_str(": ");
        detail.push_str(message);
    }
    detail.push_str(". The measurements until then are below.");
    VerdictCard {
        tone: match result.stop_reason {
            StopReason::Failed | StopReason::ChainLost => Tone::Bad,
            _ => Tone::Warn,
        },
        about: "run",
        says: "incomplete".to_owned(),
        detail,
    }
}

fn tasks(result: &RunResult) -> VerdictCard {
    let tasks = &result.tasks;
    let (tone, says) = match (tasks.submitted, tasks.ended) {
        (0, _) => (Tone::Warn, "none submitted".to_owned()),
        (all, ended) if all == ended && tasks.dropped == 0 => {
            (Tone::Good, format!("all {} ended", human::count(all)))
        }
        (all, ended) => (
            if tasks.failed > 0 { Tone::Bad } else { Tone::Warn },
            format!("{} of {} ended", human::count(ended), human::count(all)),
        ),
    };
    let mut detail = format!(
        "{} failed, {} unfinished",
        human::count(tasks.failed),
        human::count(tasks.unfinished)
    );
    if tasks.dropped > 0 {
        detail.push_str(&format!(
            ", {} more dropped: too many were in flight when they arrived",
            human::count(tasks.dropped)
        ));
    }
    detail.push('.');
    VerdictCard {
        tone,
        about: "tasks",
        says,
        detail,
    }
}

fn thresholds(result: &RunResult) -> VerdictCard {
    let all = &result.thresholds;
    let failed: Vec<&str> = all
        .iter()
        .filter(|verdict| !verdict.held)
        .map(|verdict| verdict.expression.as_str())
        .collect();
    let (tone, says, detail) = match (all.len(), failed.len()) {
        (0, _) => (
            Tone::Plain,
            "none set".to_owned(),
            "No thresholds set.".to_owned(),
        ),
        (1, 0) => (
            Tone::Good,
            "held".to_owned(),
            format!("{}.", all[0].expression.trim_end_matches('.')),
        ),
        (some, 0) => (
            Tone::Good,
            format!("all {some} held"),
            "See the measured values below.".to_owned(),
        ),
        (some, _) => (
            Tone::Bad,
            format!("{} of {some} failed", failed.len()),
            failed.join("; "),
        ),
    };
    VerdictCard {
        tone,
        about: "thresholds",
        says,
        detail,
    }
}

fn invariants(result: &RunResult) -> VerdictCard {
    let of = &result.invariants;
    let checked: Vec<&str> = of.checked.iter().map(|invariant| invariant.code()).collect();
    let (tone, says, detail) = match (of.violated, checked.len()) {
        (0, 0) => (
            Tone::Plain,
            "none checked".to_owned(),
            "Nothing is known of them.".to_owned(),
        ),
        (0, some) => (
            Tone::Good,
            format!("all {some} held"),
            format!("{} of the protocol were checked.", checked.join(", ")),
        ),
        (times, _) => {
            let broken = of.violated_by_invariant.keys();
            let broken: Vec<&str> = broken.map(|invariant| invariant.code()).collect();
            (
                Tone::Bad,
                format!("broken {}", human::counted(times, "time")),
                format!("{} did not hold.", broken.join(", ")),
            )
        }
    };
    VerdictCard {
        tone,
        about: "invariants",
        says,
        detail,
    }
}

/// The tables that verdicts rest on. The last two are there only if an invariant was broken or the node gave trouble.
pub(super) fn tables(result: &RunResult) -> Vec<TitledTable> {
    let mut tables = vec![
        table_of_failures(result),
        table_of_thresholds(result),
        table_of_invariants(result),
    ];
    tables.extend(violations(result));
    tables.extend(troubles(result));
    tables
}

fn table_of_failures(result: &RunResult) -> TitledTable {
    let rows = failures(result).into_iter().map(|failed| {
        [
            Cell::text(failed.of),
            Cell::text(failed.outcome).toned(Tone::Bad),
            Cell::code(failed.reason.trim()),
            Cell::count(failed.count),
        ]
    });
    TitledTable {
        title: "Failures by reason",
        note: "Reverts with the contract's error, refusals in the node's words.".to_owned(),
        table: Table::default()
            .texts(["of", "outcome", "reason"])
            .numbers(["count"])
            .rows(rows),
        empty: "Nothing failed.",
    }
}

fn table_of_thresholds(result: &RunResult) -> TitledTable {
    let rows = result.thresholds.iter().map(|verdict| {
        let measured = human::measured(verdict);
        vec![
            held(verdict.held),
            Cell::code(&verdict.expression),
            Cell::text(measured).sorted_by(verdict.measured),
        ]
    });
    TitledTable {
        title: "Thresholds",
        note: String::new(),
        table: Table::default()
            .texts(["verdict", "threshold"])
            .numbers(["measured"])
            .rows(rows),
        empty: "None was set.",
    }
}

fn table_of_invariants(result: &RunResult) -> TitledTable {
    let of = &result.invariants;
    let rows = of
        .checked
        .iter()
        .chain(
            of.violated_by_invariant
                .keys()
                .filter(|broken| !of.checked.contains(broken)),
        )
        .map(|invariant| {
            let broken = of
                .violated_by_invariant
                .get(invariant)
                .copied()
                .unwrap_or_default();
            vec![
                held(broken == 0),
                Cell::text(invariant.code()),
                Cell::text(invariant.statement()),
                Cell::failed(broken),
            ]
        });
    TitledTable {
        title: "Invariants of the protocol",
        note: String::new(),
        table: Table::default()
            .texts(["verdict", "name", "what must hold"])
            .numbers(["times broken"])
            .rows(rows),
        empty: "None was checked.",
    }
}

fn violations(result: &RunResult) -> Option<TitledTable> {
    let of = &result.invariants;
    let shown = of.violations.len() as u64;
    (shown > 0).then(|| TitledTable {
        title: "Where invariants were broken",
        note: if of.violated > shown {
            format!(
                "The first {} of {} times.",
                human::count(shown),
                human::count(of.violated)
            )
        } else {
            String::new()
        },
        table: Table::default().texts(["finding"]).rows(
            of.violations
                .iter()
                .map(|violation| [Cell::code(violation.to_string())]),
        ),
        empty: "",
    })
}

fn troubles(result: &RunResult) -> Option<TitledTable> {
    let line = node_line(result)?;
    let rows = repeated_requests(result)
        .into_iter()
        .map(|(cause, count)| [Cell::code(cause), Cell::count(count)]);
    Some(TitledTable {
        title: "Troubles with the node",
        note: format!("{line}. What a reorg took back is in no figure; a repeated request costs time alone."),
        table: Table::default()
            .texts(["cause"])
            .numbers(["requests repeated"])
            .rows(rows),
        empty: "No request was repeated.",
    })
}

fn held(held: bool) -> Cell {
    if held {
        Cell::text("held").toned(Tone::Good)
    } else {
        Cell::text("failed").toned(Tone::Bad)
    }
}

//! Verdicts of a run, and the tables that they rest on.

use serde::Serialize;

use super::table::TitledTable;
use crate::{
    format::{Cell, Table, Tone, human},
    record::{RunResult, StopReason},
    run_folder::{failures, fault_table, node_line, repeated_requests, sensitivity_line, violations},
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

impl VerdictCard {
    fn new(about: &'static str, (tone, says, detail): (Tone, impl Into<String>, impl Into<String>)) -> Self {
        Self {
            tone,
            about,
            says: says.into(),
            detail: detail.into(),
        }
    }
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
    if result.complete {
        return VerdictCard::new("run", (Tone::Good, "complete", "Run completed."));
    }
    let mut detail = result.stop_reason.description().to_owned();
    for message in [&result.stop_message, &result.journal_error]
        .into_iter()
        .flatten()
    {
        detail.push_str(&format!(": {message}"));
    }
    detail.push_str(". The measurements until then are below.");
    let tone = match result.stop_reason {
        StopReason::Failed | StopReason::ChainLost => Tone::Bad,
        _ => Tone::Warn,
    };
    VerdictCard::new("run", (tone, "incomplete", detail))
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
    let [failed, unfinished, dropped] = [tasks.failed, tasks.unfinished, tasks.dropped].map(human::count);
    let dropped = match tasks.dropped {
        0 => String::new(),
        _ => format!(", {dropped} more dropped: too many were in flight when they arrived"),
    };
    let detail = format!("{failed} failed, {unfinished} unfinished{dropped}.");
    VerdictCard::new("tasks", (tone, says, detail))
}

fn thresholds(result: &RunResult) -> VerdictCard {
    let all = &result.thresholds;
    let failed = result.failed_thresholds();
    let failed: Vec<&str> = failed.map(|verdict| verdict.expression.as_str()).collect();
    let about = "thresholds";
    match (all.as_slice(), failed.len()) {
        ([], _) => VerdictCard::new(about, (Tone::Plain, "none set", "No thresholds set.")),
        ([one], 0) => {
            let detail = format!("{}.", one.expression.trim_end_matches('.'));
            VerdictCard::new(about, (Tone::Good, "held", detail))
        }
        (some, 0) => {
            let says = format!("all {} held", some.len());
            VerdictCard::new(about, (Tone::Good, says, "See the measured values below."))
        }
        (some, count) => {
            let says = format!("{count} of {} failed", some.len());
            VerdictCard::new(about, (Tone::Bad, says, failed.join("; ")))
        }
    }
}

fn invariants(result: &RunResult) -> VerdictCard {
    let of = &result.invariants;
    let about = "invariants";
    match (of.violated, of.checked.len()) {
        (0, 0) => VerdictCard::new(about, (Tone::Plain, "none checked", "Nothing is known of them.")),
        (0, some) => {
            let checked: Vec<&str> = of.checked.iter().map(|invariant| invariant.code()).collect();
            let detail = format!("{} of the protocol were checked.", checked.join(", "));
            VerdictCard::new(about, (Tone::Good, format!("all {some} held"), detail))
        }
        (times, _) => {
            let broken = of.violated_by_invariant.keys();
            let broken: Vec<&str> = broken.map(|invariant| invariant.code()).collect();
            let says = format!("broken {}", human::counted(times, "time"));
            VerdictCard::new(
                about,
                (Tone::Bad, says, format!("{} did not hold.", broken.join(", "))),
            )
        }
    }
}

/// The tables that verdicts rest on. The last three are there only if an invariant was broken, the node gave
/// trouble, or faults were asked for.
pub(super) fn tables(result: &RunResult) -> Vec<TitledTable> {
    let mut tables = vec![
        table_of_failures(result),
        table_of_thresholds(result),
        table_of_invariants(result),
    ];
    tables.extend(table_of_violations(result));
    tables.extend(troubles(result));
    tables.extend(faults(result));
    tables
}

fn table_of_failures(result: &RunResult) -> TitledTable {
    let rows = failures(result).into_iter().map(|failed| {
        [
            Cell::text(failed.of),
            Cell::text(failed.outcome).toned(Tone::Bad),
            Cell::code(failed.why()),
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
    let broken_alone = of.violated_by_invariant.keys();
    let broken_alone = broken_alone.filter(|broken| !of.checked.contains(broken));
    let rows = of.checked.iter().chain(broken_alone).map(|invariant| {
        let broken = of.violated_by_invariant.get(invariant);
        let broken = broken.copied().unwrap_or_default();
        [
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

fn table_of_violations(result: &RunResult) -> Option<TitledTable> {
    let of = &result.invariants;
    let rows = violations(result);
    let shown: u64 = rows.iter().map(|(_, times)| times).sum();
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
        table: Table::default()
            .texts(["finding"])
            .rows(rows.into_iter().map(|(violation, _)| [Cell::code(violation)])),
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

fn faults(result: &RunResult) -> Option<TitledTable> {
    let table = fault_table(result);
    let sensitivity = sensitivity_line(result).map(|line| format!("Sensitivity: {line}. "));
    (!table.is_empty()).then(|| TitledTable {
        title: "Faults",
        note: sensitivity.unwrap_or_default()
            + "Recovered: the time from the end of a fault to the first second in which tasks end as fast as before, the longest \
               of all its windows.",
        table,
        empty: "",
    })
}

fn held(held: bool) -> Cell {
    if held {
        Cell::text("held").toned(Tone::Good)
    } else {
        Cell::text("failed").toned(Tone::Bad)
    }
}

//! `summary.md`: the results of a run as Markdown for a pull request or an issue.

use std::fmt::Write as _;

use super::{
    ExportError, Exporter, FinishedRun, failures,
    faults::{fault_table, sensitivity_line},
    misbehaviour::misbehaviour_table,
    node::{node_line, repeated_requests},
    rates,
};
use crate::{
    format::{Cell, Table, Tone, human, markdown_escaped},
    record::{RunResult, Stats},
    text,
};

/// Writes `summary.md`: tables that GitHub and GitLab show.
#[derive(Clone, Copy, Debug)]
pub struct SummaryMd;

/// Reasons of failures that are listed; the rest is counted.
const LISTED: usize = 10;
/// Longest reason that is shown, in characters.
const REASON: usize = 120;

impl Exporter for SummaryMd {
    fn file_name(&self) -> &'static str {
        "summary.md"
    }

    fn export(&self, run: &FinishedRun<'_>) -> Result<Vec<u8>, ExportError> {
        Ok(summary_md(run.result).into_bytes())
    }
}

/// A result as the text of `summary.md`.
#[must_use]
pub fn summary_md(result: &RunResult) -> String {
    let transactions = transactions(result);
    let parts = [
        head(result),
        counts(result).markdown(),
        rates_table(result).markdown(),
        match transactions.is_empty() {
            true => "No transaction was sent.\n\n".to_owned(),
            false => transactions.markdown(),
        },
        tasks(result).markdown(),
        misbehaviour_table(result).markdown(),
        failures_table(result).markdown(),
        repeated(result).markdown(),
        fault_table(result).markdown(),
        sensitivity_line(result).map_or_else(String::new, |line| format!("Sensitivity: {line}.\n\n")),
        thresholds(result).markdown(),
        footer(result),
    ];
    text::block(&parts.concat()).into_owned()
}

fn head(result: &RunResult) -> String {
    let mut text = format!("### {}\n\n", markdown_escaped(&result.scenario.name));
    let mut facts = vec![format!("seed {}", result.scenario.seed)];
    let chain = [Some(&result.chain.kind), result.chain.hardfork.as_ref()];
    facts.extend(chain.into_iter().flatten().cloned());
    facts.retain(|fact| !fact.is_empty());
    facts.push(result.clock.description().to_owned());
    let build = result.chain.contract_build.iter();
    facts.extend(build.map(|build| format!("contracts {}", build.short())));
    facts.push(format!("{} in all", human::time_us(result.duration_us.0)));
    let _ = writeln!(text, "{}\n", markdown_escaped(&facts.join(" · ")));
    if !result.complete {
        let _ = write!(text, "> **Incomplete:** {}", result.stop_reason.description());
        let messages = [&result.stop_message, &result.journal_error];
        for message in messages.into_iter().flatten() {
            let _ = write!(text, "; {}", markdown_escaped(message));
        }
        text.push_str(". The measurements until then are below.\n\n");
    }
    text
}

fn counts(result: &RunResult) -> Table {
    let (tasks, transactions) = (&result.tasks, &result.transactions);
    let count = human::count;
    Table::default()
        .texts([""])
        .numbers(["in all", "done", "failed", "unfinished"])
        .rows([
            [
                "tasks".to_owned(),
                count(tasks.submitted),
                format!("{} ended", count(tasks.ended)),
                count(tasks.failed),
                count(tasks.unfinished),
            ],
            [
                "transactions".to_owned(),
                count(transactions.total),
                format!("{} included", count(transactions.included)),
                format!(
                    "{} reverted, {} refused",
                    count(transactions.reverted),
                    count(transactions.refused)
                ),
                format!("{} lost", count(transactions.lost)),
            ],
        ])
}

fn rates_table(result: &RunResult) -> Table {
    let rows = rates::rates(result).into_iter().map(|rate| {
        let per_s = Cell::maybe(rate.per_s, |per_s| human::rate(per_s).into());
        [rate.name.into(), per_s, rate.counted.into()]
    });
    let table = Table::default().texts(["rate"]).numbers(["per second"]);
    table.texts(["of"]).rows(rows)
}

fn transactions(result: &RunResult) -> Table {
    let phases = result.phases.iter();
    let is_part = result.parts.is_some();
    let rows = phases
        .filter(|(_, phase)| phase.transactions.total > 0)
        .map(|(phase, of)| {
            let gas = of.gas_used.map(|gas| [gas.mean.round() as u64, gas.max]);
            // A count stands beside the percentiles that are of it.
            let count = match of.response_us {
                _ if !is_part => of.transactions.total,
                times => times.map_or(0, |times| times.count),
            };
            let mut row = vec![Cell::text(phase.name()), Cell::count(count)];
            row.extend(percentiles(of.response_us.as_ref()));
            row.extend([0, 1].map(|which| Cell::maybe(gas, |gas| Cell::count(gas[which]))));
            row.push(Cell::count(of.transactions.failed()));
            row
        });
    Table::default()
        .texts([match is_part {
            false => "response time and gas",
            true => "response time (measured part) and gas (whole run)",
        }])
        .numbers([
            "count", "p50", "p90", "p99", "max", "gas mean", "gas max", "failed",
        ])
        .rows(rows)
}

fn tasks(result: &RunResult) -> Table {
    let rows = result.task_phases.iter().filter_map(|(span, of)| {
        let stats = of.duration_us.as_ref()?;
        let row = [Cell::text(span.name()), Cell::count(stats.count)];
        Some(row.into_iter().chain(percentiles(Some(stats))))
    });
    Table::default()
        .texts([match result.parts.is_some() {
            false => "time in each phase of a task",
            true => "time in each phase of a task (measured part)",
        }])
        .numbers(["count", "p50", "p90", "p99", "max"])
        .rows(rows)
}

fn percentiles(stats: Option<&Stats>) -> [Cell; 4] {
    let of: [fn(&Stats) -> u64; 4] = [|of| of.p50, |of| of.p90, |of| of.p99, |of| of.max];
    of.map(|of| Cell::maybe(stats, |stats| Cell::time_us(of(stats))))
}

fn failures_table(result: &RunResult) -> Table {
    let all = failures(result);
    let rows = all.iter().take(LISTED).map(|failed| {
        let reason = human::one_line(&failed.why(), REASON);
        [
            Cell::count(failed.count),
            failed.of.into(),
            failed.outcome.into(),
            reason.into(),
        ]
    });
    let table = Table::default().numbers(["failures"]);
    let mut table = table.texts(["of", "outcome", "reason"]).rows(rows);
    let rest: u64 = all.iter().skip(LISTED).map(|failed| failed.count).sum();
    if rest > 0 {
        table.row([
            Cell::count(rest),
            "".into(),
            "".into(),
            "for other reasons".into(),
        ]);
    }
    table
}

fn repeated(result: &RunResult) -> Table {
    let causes = repeated_requests(result);
    let rows = causes.iter().take(LISTED);
    let rows = rows.map(|(cause, count)| [Cell::count(*count), human::one_line(cause, REASON).into()]);
    let table = Table::default().numbers(["requests repeated"]);
    let mut table = table.texts(["cause"]).rows(rows);
    let rest: u64 = causes.iter().skip(LISTED).map(|(_, count)| count).sum();
    if rest > 0 {
        table.row([Cell::count(rest), "for other causes".into()]);
    }
    table
}

fn thresholds(result: &RunResult) -> Table {
    let rows = result.thresholds.iter().map(|verdict| {
        let word = match verdict.held {
            true => Cell::text("held"),
            false => Cell::text("failed").toned(Tone::Bad),
        };
        [
            Cell::code(&verdict.expression),
            human::measured(verdict).into(),
            word,
        ]
    });
    let table = Table::default().texts(["threshold"]).numbers(["measured"]);
    table.texts(["verdict"]).rows(rows)
}

fn footer(result: &RunResult) -> String {
    let mut facts = Vec::new();
    if let Some(late) = &result.generator.lateness_us {
        let [p50, p99, max] = [late.p50, late.p99, late.max].map(human::time_us);
        facts.push(format!("generator late by p50 {p50}, p99 {p99}, max {max}"));
    }
    if let Some(fullness) = result.blocks.fullness_mean {
        let blocks = human::counted(result.blocks.count, "block");
        facts.push(format!("{blocks}, {:.1} % full on average", fullness * 100.0));
    }
    facts.extend(node_line(result).map(|node| format!("node: {node}")));
    let invariants = &result.invariants;
    facts.push(match (invariants.violated, invariants.checked.len()) {
        (0, 0) => "no invariant checked".to_owned(),
        (0, checked) => format!("{} held", human::counted(checked as u64, "invariant")),
        (violated, _) => format!("**invariants broken {}**", human::counted(violated, "time")),
    });
    facts.push(format!("taskstorm {}", result.tool_version));
    facts.join(" · ") + "\n"
}

//! `summary.md`: the results of a run as Markdown for a pull request or an issue.

use std::fmt::Write as _;

use super::{
    ExportError, Exporter, FinishedRun, human, node,
    rates::{self, Rate},
};
use crate::{
    record::{RunResult, Stats, TimeSource},
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
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut text, result);
    text::block(&text).into_owned()
}

fn write(out: &mut String, result: &RunResult) -> std::fmt::Result {
    let time = match result.clock {
        TimeSource::Wall => "wall-clock time",
        TimeSource::Virtual => "simulated (virtual) time",
    };
    writeln!(out, "### {}\n", cell(&result.scenario.name))?;
    let mut facts = vec![format!("seed {}", result.scenario.seed)];
    facts.extend(
        [Some(&result.chain.kind), result.chain.hardfork.as_ref()]
            .into_iter()
            .flatten()
            .cloned(),
    );
    facts.retain(|fact| !fact.is_empty());
    facts.push(time.to_owned());
    facts.extend(
        result
            .chain
            .contract_build
            .iter()
            .map(|build| format!("contracts {}", build.short())),
    );
    facts.push(format!("{} in all", human::time_us(result.duration_us.0)));
    writeln!(out, "{}\n", cell(&facts.join(" · ")))?;
    if !result.complete {
        write!(out, "> **Incomplete:** {}", result.stop_reason.description())?;
        for message in [&result.stop_message, &result.journal_error]
            .into_iter()
            .flatten()
        {
            write!(out, "; {}", cell(message))?;
        }
        writeln!(out, ". The measurements until then are below.\n")?;
    }
    counts(out, result)?;
    rates(out, result)?;
    transactions(out, result)?;
    tasks(out, result)?;
    failures(out, result)?;
    repeated(out, result)?;
    thresholds(out, result)?;
    footer(out, result)
}

fn counts(out: &mut String, result: &RunResult) -> std::fmt::Result {
    let (tasks, transactions) = (&result.tasks, &result.transactions);
    writeln!(
        out,
        "| | in all | done | failed | unfinished |\n|---|--:|--:|--:|--:|"
    )?;
    writeln!(
        out,
        "| tasks | {} | {} ended | {} | {} |",
        human::count(tasks.submitted),
        human::count(tasks.ended),
        human::count(tasks.failed),
        human::count(tasks.unfinished),
    )?;
    writeln!(
        out,
        "| transactions | {} | {} included | {} reverted, {} refused | {} lost |\n",
        human::count(transactions.total),
        human::count(transactions.included),
        human::count(transactions.reverted),
        human::count(transactions.refused),
        human::count(transactions.lost),
    )
}

fn rates(out: &mut String, result: &RunResult) -> std::fmt::Result {
    writeln!(out, "| rate | per second | of |\n|---|--:|---|")?;
    for Rate { name, per_s, counted } in rates::rates(result) {
        let per_s = per_s.map_or_else(|| human::NOTHING.to_owned(), human::rate);
        writeln!(out, "| {name} | {per_s} | {counted} |")?;
    }
    writeln!(out)
}

fn transactions(out: &mut String, result: &RunResult) -> std::fmt::Result {
    let rows = result
        .phases
        .iter()
        .filter(|(_, phase)| phase.transactions.total > 0);
    let mut header = Some(
        "| response time and gas | count | p50 | p90 | p99 | max | gas mean | gas max | failed |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|",
    );
    for (phase, of) in rows {
        if let Some(header) = header.take() {
            writeln!(out, "{header}")?;
        }
        let gas = of.gas_used.map_or([human::NOTHING; 2].map(str::to_owned), |gas| {
            [human::count(gas.mean.round() as u64), human::count(gas.max)]
        });
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            phase.name(),
            human::count(of.transactions.total),
            percentiles(of.response_us.as_ref()).join(" | "),
            gas[0],
            gas[1],
            human::count(of.transactions.failed()),
        )?;
    }
    if header.is_none() {
        writeln!(out)
    } else {
        writeln!(out, "No transaction was sent.\n")
    }
}

fn tasks(out: &mut String, result: &RunResult) -> std::fmt::Result {
    let mut header =
        Some("| time in each phase of a task | count | p50 | p90 | p99 | max |\n|---|--:|--:|--:|--:|--:|");
    for (span, of) in &result.task_phases {
        let Some(stats) = &of.duration_us else { continue };
        if let Some(header) = header.take() {
            writeln!(out, "{header}")?;
        }
        let count = human::count(stats.count);
        writeln!(
            out,
            "| {} | {count} | {} |",
            span.name(),
            percentiles(Some(stats)).join(" | ")
        )?;
    }
    if header.is_none() { writeln!(out) } else { Ok(()) }
}

fn percentiles(stats: Option<&Stats>) -> [String; 4] {
    match stats {
        Some(stats) => [stats.p50, stats.p90, stats.p99, stats.max].map(human::time_us),
        None => [human::NOTHING; 4].map(str::to_owned),
    }
}

fn failures(out: &mut String, result: &RunResult) -> std::fmt::Result {
    let of_tasks = result.tasks.failed_by_reason.iter();
    let mut all: Vec<(u64, &str, &str, &str)> = of_tasks
        .map(|(why, count)| (*count, "task", "failed", why.as_str()))
        .collect();
    for (phase, of) in &result.phases {
        let of_phase = of.failures.iter();
        all.extend(of_phase.map(|(outcome, why, count)| (count, phase.name(), outcome, why)));
    }
    if all.is_empty() {
        return Ok(());
    }
    all.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.cmp(b)));
    writeln!(out, "| failures | of | outcome | reason |\n|--:|---|---|---|")?;
    for (count, of, outcome, why) in all.iter().take(LISTED) {
        let why = cell(&human::one_line(why, REASON));
        writeln!(out, "| {} | {of} | {outcome} | {why} |", human::count(*count))?;
    }
    let rest: u64 = all.iter().skip(LISTED).map(|(count, ..)| count).sum();
    if rest > 0 {
        writeln!(out, "| {} | | | for other reasons |", human::count(rest))?;
    }
    writeln!(out)
}

fn repeated(out: &mut String, result: &RunResult) -> std::fmt::Result {
    let causes = node::causes(result);
    if causes.is_empty() {
        return Ok(());
    }
    writeln!(out, "| requests repeated | cause |\n|--:|---|")?;
    for (cause, count) in causes.iter().take(LISTED) {
        let cause = cell(&human::one_line(cause, REASON));
        writeln!(out, "| {} | {cause} |", human::count(*count))?;
    }
    let rest: u64 = causes.iter().skip(LISTED).map(|(_, count)| count).sum();
    if rest > 0 {
        writeln!(out, "| {} | for other causes |", human::count(rest))?;
    }
    writeln!(out)
}

fn thresholds(out: &mut String, result: &RunResult) -> std::fmt::Result {
    if result.thresholds.is_empty() {
        return Ok(());
    }
    writeln!(out, "| threshold | measured | verdict |\n|---|--:|---|")?;
    for threshold in &result.thresholds {
        let measured = human::measured(threshold);
        let verdict = if threshold.held { "held" } else { "**failed**" };
        writeln!(
            out,
            "| `{}` | {measured} | {verdict} |",
            code(&threshold.expression)
        )?;
    }
    writeln!(out)
}

fn footer(out: &mut String, result: &RunResult) -> std::fmt::Result {
    let mut facts = Vec::new();
    if let Some(late) = &result.generator.lateness_us {
        let [p50, p99, max] = [late.p50, late.p99, late.max].map(human::time_us);
        facts.push(format!("generator late by p50 {p50}, p99 {p99}, max {max}"));
    }
    if let Some(fullness) = result.blocks.fullness_mean {
        let blocks = human::counted(result.blocks.count, "block");
        facts.push(format!("{blocks}, {:.1} % full on average", fullness * 100.0));
    }
    facts.extend(node::line(result).map(|node| format!("node: {node}")));
    let invariants = &result.invariants;
    facts.push(match (invariants.violated, invariants.checked.len()) {
        (0, 0) => "no invariant checked".to_owned(),
        (0, checked) => format!("{} held", human::counted(checked as u64, "invariant")),
        (violated, _) => format!("**invariants broken {}**", human::counted(violated, "time")),
    });
    facts.push(format!("taskstorm {}", result.tool_version));
    writeln!(out, "{}", facts.join(" · "))
}

/// Text that cannot end a table's cell or its row, nor be taken for markup.
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text::line(text).chars() {
        match character {
            '|' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '\\' | '@' | '#' => {
                safe.push('\\');
                safe.push(character);
            }
            character => safe.push(character),
        }
    }
    safe
}

/// Text within backticks in a table's cell.
fn code(text: &str) -> String {
    text::line(text).replace('`', "'").replace('|', "\\|")
}

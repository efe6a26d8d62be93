//! The summary that a run ends with on the terminal.

use std::{collections::BTreeSet, path::Path};

use super::tables;
use crate::{
    format::{Facts, Style, human},
    protocol::Invariant,
    record::{BuildFacts, MeasurementWindow, RunResult, Stats, WarmUpResult, WindowsResult},
    run_folder::{failures, fault_table, node_line, rate_lines, sensitivity_line, violations},
    time::Micros,
};

/// Columns that the summary keeps within.
pub(super) const WIDTH: usize = 80;
/// Failures and violations that are listed; the rest is counted.
const LISTED: usize = 10;

/// Where the texts behind labels begin.
const COLUMN: usize = 16;

/// A run's summary for people, in lines of at most 80 characters: what ran, tasks, response time and gas per phase, how
/// long the phases of tasks took, failures, and where the files are.
#[must_use]
pub fn summary_table(result: &RunResult, files: Option<&Path>, style: Style) -> String {
    let mut blocks = Vec::new();
    if !result.complete {
        blocks.push(incomplete(result, style));
    }
    blocks.push(format!("{}\n{}", title(result, style), overview(result)));
    blocks.extend(tables::tables(result, style));
    blocks.extend(tables::misbehaviour(result, style));
    blocks.extend(failure_lines(result, style));
    blocks.extend(faults(result, style));
    blocks.extend(thresholds(result, style));
    blocks.push(footer(result, files, style));
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}

fn incomplete(result: &RunResult, style: Style) -> String {
    let mut text = style.warning(&format!("INCOMPLETE: {}", result.stop_reason.description()));
    for message in [&result.stop_message, &result.journal_error]
        .into_iter()
        .flatten()
    {
        text.push_str(&format!("\n  {}", human::one_line(message, WIDTH - 2)));
    }
    text.push_str("\n  The measurements until then are below.");
    text
}

fn title(result: &RunResult, style: Style) -> String {
    let chain = &result.chain;
    let mut rest = format!(" · seed {}", result.scenario.seed);
    // A run that was stopped before it had a chain names none.
    if !chain.kind.is_empty() {
        rest.push_str(&format!(" · {}", human::one_line(&chain.kind, 12)));
    }
    if let Some(hardfork) = &chain.hardfork {
        rest.push_str(&format!(" {}", human::one_line(hardfork, 12)));
    }
    rest.push_str(&format!(" · {}", result.clock.short()));
    if let Some(build) = &chain.contract_build {
        rest.push_str(&format!(" · {}", human::one_line(&build.short(), 24)));
    }
    let room = WIDTH.saturating_sub(rest.chars().count()).max(8);
    style.bold(&human::one_line(&result.scenario.name, room)) + &rest
}

fn overview(result: &RunResult) -> String {
    let tasks = &result.tasks;
    let mut facts = Facts::new(COLUMN);
    facts.add(
        "tasks",
        format!(
            "{} submitted: {} ended, {} failed, {} unfinished",
            human::count(tasks.submitted),
            human::count(tasks.ended),
            human::count(tasks.failed),
            human::count(tasks.unfinished),
        ),
    );
    if !tasks.ended_as.is_empty() {
        let ways = tasks.ended_as.iter();
        let ways: Vec<String> = ways
            .map(|(name, count)| format!("{} {name}", human::count(*count)))
            .collect();
        facts.more(format!("ended as: {}", ways.join(", ")));
    }
    if tasks.dropped > 0 {
        facts.more(format!(
            "{} more dropped: too many were in flight when they arrived",
            human::count(tasks.dropped)
        ));
    }
    if !tasks.unfinished_by_phase.is_empty() {
        let stood: Vec<String> = tasks
            .unfinished_by_phase
            .iter()
            .map(|(phase, &count)| format!("{} {}", human::count(count), phase.name()))
            .collect();
        facts.more(format!("unfinished in: {}", stood.join(", ")));
    }
    let transactions = &result.transactions;
    let mut text = format!("{} in blocks", human::count(transactions.in_blocks()));
    for (count, outcome) in [
        (transactions.reverted, "reverted"),
        (transactions.outrun, "outrun"),
        (transactions.repelled, "repelled"),
        (transactions.refused, "refused"),
        (transactions.lost, "lost"),
        (transactions.resent, "resent"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {} {outcome}", human::count(count)));
        }
    }
    facts.add("transactions", text);
    let rates = rate_lines(result, WIDTH - COLUMN);
    if !rates.is_empty() {
        facts.add("rate", rates.join("\n"));
    }
    // A profile's file and digest stand on the first line.
    if let Some(build) = &result.chain.contract_build
        && result.protocol.names.is_none()
    {
        facts.add("contracts", contracts(build));
    }
    if let Some(windows) = &result.parts {
        facts.add("measured", measured(result, windows).join("\n"));
    }
    let setup = result.load.setup_end_us;
    let setup = setup.map_or_else(String::new, |end| format!(", setup {}", human::time_us(end.0)));
    facts.add("time", human::time_us(result.duration_us.0) + &setup);
    facts.text()
}

/// The contracts that were driven: a run of the built-in ones says nothing about anybody's own.
fn contracts(build: &BuildFacts) -> String {
    if build.is_built_in() {
        return "built-in reference contracts; --artifacts DIR runs your build".to_owned();
    }
    let limits = match build.gas_limit_percent {
        100 => String::new(),
        percent => format!("; gas limits at {percent} %"),
    };
    let digest = format!(" ({}){limits}", build.digest);
    let room = WIDTH.saturating_sub(COLUMN + digest.chars().count());
    human::one_line(&build.source, room) + &digest
}

/// The measurement, and what lies apart.
fn measured(result: &RunResult, windows: &WindowsResult) -> Vec<String> {
    let count = |window: MeasurementWindow| {
        let window = windows.parts.get(&window).cloned().unwrap_or_default();
        let tasks = human::counted(window.tasks_submitted, "task");
        format!("{tasks}, {}", human::counted(window.transactions, "transaction"))
    };
    let start = result.load.start_us.unwrap_or_default();
    let since = |moment: Micros| human::time_us(moment.since(start));
    let from = windows.main_from_us.unwrap_or(start);
    let mut lines = vec![count(MeasurementWindow::Main)];
    if from > start || !matches!(windows.warm_up, WarmUpResult::Fixed) {
        let found = match &windows.warm_up {
            WarmUpResult::Fixed => "",
            WarmUpResult::Mser5(_) => " (MSER-5)",
            WarmUpResult::NoSteadyState(_) => " (no steady state found)",
        };
        let (length, what) = (since(from), count(MeasurementWindow::WarmUp));
        lines.push(format!("apart: {length} of warm-up{found}: {what}"));
    }
    if let Some(at) = windows.cool_down_from_us {
        let (begin, what) = (since(at), count(MeasurementWindow::CoolDown));
        lines.push(format!("apart: cool-down from {begin} on: {what}"));
    }
    if let WarmUpResult::Mser5(why) | WarmUpResult::NoSteadyState(why) = &windows.warm_up {
        lines.push(human::one_line(why, WIDTH - COLUMN));
    }
    lines
}

fn failure_lines(result: &RunResult, style: Style) -> Option<String> {
    let failures = failures(result);
    let width = human::count(failures.first()?.count).len();
    let mut lines = vec![style.bold("failures")];
    lines.extend(failures.iter().take(LISTED).map(|failed| {
        let why = format!("{} {}: {}", failed.of, failed.outcome, failed.why());
        let why = human::one_line(&why, WIDTH - width - 4);
        format!("  {:>width$}  {why}", human::count(failed.count))
    }));
    let rest = failures.len().saturating_sub(LISTED) as u64;
    if rest > 0 {
        lines.push(format!("  … and {}", human::counted(rest, "other reason")));
    }
    Some(lines.join("\n"))
}

fn faults(result: &RunResult, style: Style) -> Option<String> {
    let table = fault_table(result);
    if table.is_empty() {
        return None;
    }
    let mut text = format!("{}\n{}", style.bold("faults"), table.terminal(style).trim_end());
    if let Some(line) = sensitivity_line(result) {
        let (verdict, detail) = line.split_once(" (").unwrap_or((&line, ""));
        text.push_str(&format!("\n  sensitivity: {verdict}"));
        if let Some(detail) = detail.strip_suffix(')') {
            text.push_str(&format!("\n  {}", human::one_line(detail, WIDTH - 2)));
        }
    }
    Some(text)
}

fn thresholds(result: &RunResult, style: Style) -> Option<String> {
    let verdicts = &result.thresholds;
    if verdicts.is_empty() {
        return None;
    }
    let held = verdicts.iter().filter(|verdict| verdict.held).count();
    let mut lines = vec![style.bold(&format!("thresholds: {held} of {} held", verdicts.len()))];
    for verdict in verdicts {
        let measured = human::measured(verdict);
        let expression = human::one_line(&verdict.expression, WIDTH - measured.chars().count() - 12);
        let word = if verdict.held {
            "held  ".to_owned()
        } else {
            style.warning("FAILED")
        };
        let gap = WIDTH - 10 - expression.chars().count() - measured.chars().count();
        lines.push(format!("  {word}  {expression}{:gap$}{measured}", ""));
    }
    Some(lines.join("\n"))
}

fn footer(result: &RunResult, files: Option<&Path>, style: Style) -> String {
    let mut facts = Facts::new(COLUMN);
    if let Some(Stats { p50, p99, max, .. }) = result.generator.lateness_us {
        let [p50, p99, max] = [p50, p99, max].map(human::time_us);
        facts.add("generator", format!("late by p50 {p50}, p99 {p99}, max {max}"));
    }
    if let Some(fullness) = result.blocks.fullness_mean {
        let blocks = human::counted(result.blocks.count, "block");
        let [mean, max] =
            [fullness, result.blocks.fullness_max.unwrap_or(fullness)].map(|share| share * 100.0);
        facts.add(
            "chain",
            format!("{blocks}, {mean:.1} % full on average, {max:.1} % at most"),
        );
    }
    if let Some(node) = node_line(result) {
        facts.add("node", human::one_line(&node, WIDTH - COLUMN));
    }
    invariants(&mut facts, result, style);
    if let Some(files) = files {
        facts.add("files", files.display().to_string());
    }
    facts.text()
}

/// The codes of the invariants; of three neighbours or more, the first and the last.
fn codes(invariants: &BTreeSet<Invariant>) -> Vec<String> {
    let all: Vec<Invariant> = invariants.iter().copied().collect();
    let runs = all.chunk_by(|one, next| one.index() + 1 == next.index());
    let shown = runs.map(|run| match run {
        [first, _, .., last] => format!("{}–{}", first.code(), last.code()),
        few => few.iter().map(|one| one.code()).collect::<Vec<_>>().join(", "),
    });
    shown.collect()
}

/// A text in up to three lines, broken between words, and cut at the end of the last.
fn wrapped(text: &str) -> Vec<String> {
    const LINES: usize = 3;
    let room = WIDTH - 6;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let is_last = lines.len() == LINES;
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if is_last || line.chars().count() + 1 + length <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| human::one_line(line, room)).collect()
}

fn invariants(facts: &mut Facts, result: &RunResult, style: Style) {
    let invariants = &result.invariants;
    if invariants.violated == 0 {
        let held = match codes(&invariants.checked).as_slice() {
            [] => "none checked".to_owned(),
            checked => format!("{} held", checked.join(", ")),
        };
        facts.add("invariants", held);
        return;
    }
    let broken = format!("broken {}", human::counted(invariants.violated, "time"));
    facts.add("invariants", style.warning(&broken));
    let all = violations(result);
    for (violation, _) in all.iter().take(LISTED) {
        for (place, line) in wrapped(violation).into_iter().enumerate() {
            let indent = if place == 0 { "  " } else { "    " };
            facts.line(format!("{indent}{line}"));
        }
    }
    let listed: u64 = all.iter().take(LISTED).map(|(_, times)| times).sum();
    let rest = invariants.violated.saturating_sub(listed);
    if rest > 0 {
        facts.line(format!("… and {}", human::counted(rest, "other time")));
    }
}

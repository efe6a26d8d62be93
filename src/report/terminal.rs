//! The summary that a run ends with on the terminal.

use std::{
    collections::BTreeSet,
    env,
    io::{self, IsTerminal},
    iter,
    path::Path,
};

use super::{human, node, rates, tables};
use crate::{
    protocol::Invariant,
    record::{BuildFacts, MeasurementWindow, RunResult, Stats, TimeSource, WarmUpResult, WindowsResult},
    time::Micros,
};

/// Columns that the summary keeps within.
pub(super) const WIDTH: usize = 80;
/// Failures and violations that are listed; the rest is counted.
const LISTED: usize = 10;

/// How a summary is dressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    #[default]
    Plain,
    /// With ANSI colours.
    Coloured,
}

impl Style {
    /// Colours if stdout is a terminal and `NO_COLOR` is unset or empty.
    #[must_use]
    pub fn detect() -> Self {
        let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if io::stdout().is_terminal() && !refused {
            Self::Coloured
        } else {
            Self::Plain
        }
    }

    /// The text in an ANSI style, such as `1` for bold, if colours are on.
    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Coloured => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn warning(self, text: &str) -> String {
        self.paint("1;31", text)
    }
}

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
    blocks.extend(failures(result, style));
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
    let time = match result.clock {
        TimeSource::Wall => "wall-clock time",
        TimeSource::Virtual => "virtual time",
    };
    let mut rest = format!(" · seed {}", result.scenario.seed);
    // A run that was stopped before it had a chain names none.
    if !chain.kind.is_empty() {
        rest.push_str(&format!(" · {}", human::one_line(&chain.kind, 12)));
    }
    if let Some(hardfork) = &chain.hardfork {
        rest.push_str(&format!(" {}", human::one_line(hardfork, 12)));
    }
    rest.push_str(&format!(" · {time}"));
    if let Some(build) = &chain.contract_build {
        rest.push_str(&format!(" · {}", human::one_line(&build.short(), 24)));
    }
    let room = WIDTH.saturating_sub(rest.chars().count()).max(8);
    style.bold(&human::one_line(&result.scenario.name, room)) + &rest
}

fn overview(result: &RunResult) -> String {
    let tasks = &result.tasks;
    let mut lines = vec![format!(
        "  tasks         {} submitted: {} ended, {} failed, {} unfinished",
        human::count(tasks.submitted),
        human::count(tasks.ended),
        human::count(tasks.failed),
        human::count(tasks.unfinished),
    )];
    if tasks.dropped > 0 {
        lines.push(format!(
            "                {} more dropped: too many were in flight when they arrived",
            human::count(tasks.dropped)
        ));
    }
    if !tasks.unfinished_by_phase.is_empty() {
        let stood: Vec<String> = tasks
            .unfinished_by_phase
            .iter()
            .map(|(phase, &count)| format!("{} {}", human::count(count), phase.name()))
            .collect();
        lines.push(format!("                unfinished in: {}", stood.join(", ")));
    }
    let transactions = &result.transactions;
    let mut line = format!(
        "  transactions  {} in blocks",
        human::count(transactions.in_blocks())
    );
    for (count, outcome) in [
        (transactions.reverted, "reverted"),
        (transactions.refused, "refused"),
        (transactions.lost, "lost"),
        (transactions.resent, "resent"),
    ] {
        if count > 0 {
            line.push_str(&format!(", {} {outcome}", human::count(count)));
        }
    }
    lines.push(line);
    let labels = ["rate"].into_iter().chain(iter::repeat(""));
    lines.extend(
        labels
            .zip(rates::lines(result, WIDTH - 16))
            .map(|(label, rates)| format!("  {label:<14}{rates}")),
    );
    lines.extend(result.chain.contract_build.iter().map(contracts));
    lines.extend(result.parts.iter().flat_map(|windows| measured(result, windows)));
    let setup = result.load.setup_end_us;
    let setup = setup.map_or_else(String::new, |end| format!(", setup {}", human::time_us(end.0)));
    lines.push(format!(
        "  time          {}{setup}",
        human::time_us(result.duration_us.0)
    ));
    lines.join("\n")
}

/// The contracts that were driven: a run of the built-in ones says nothing about anybody's own.
fn contracts(build: &BuildFacts) -> String {
    let text = if build.is_built_in() {
        "the built-in reference contracts; --artifacts DIR runs your build".to_owned()
    } else {
        let limits = match build.gas_limit_percent {
            100 => String::new(),
            percent => format!("; gas limits at {percent} %"),
        };
        let digest = format!(" ({}){limits}", build.digest);
        let room = WIDTH.saturating_sub(16 + digest.chars().count());
        human::one_line(&build.source, room) + &digest
    };
    format!("  contracts     {text}")
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
    let mut lines = vec![format!("  measured      {}", count(MeasurementWindow::Main))];
    if from > start || !matches!(windows.warm_up, WarmUpResult::Fixed) {
        let found = match &windows.warm_up {
            WarmUpResult::Fixed => String::new(),
            WarmUpResult::Mser5(_) => " (MSER-5)".to_owned(),
            WarmUpResult::NoSteadyState(_) => " (no steady state found)".to_owned(),
        };
        let text = format!(
            "{} of warm-up{found}: {}",
            since(from),
            count(MeasurementWindow::WarmUp)
        );
        lines.push(format!("                apart: {text}"));
    }
    if let Some(at) = windows.cool_down_from_us {
        let text = format!(
            "cool-down from {} on: {}",
            since(at),
            count(MeasurementWindow::CoolDown)
        );
        lines.push(format!("                apart: {text}"));
    }
    if let WarmUpResult::Mser5(why) | WarmUpResult::NoSteadyState(why) = &windows.warm_up {
        lines.push(format!("                {}", human::one_line(why, WIDTH - 16)));
    }
    lines
}

fn failures(result: &RunResult, style: Style) -> Option<String> {
    let of_tasks = result.tasks.failed_by_reason.iter();
    let mut failures: Vec<(u64, String)> = of_tasks
        .map(|(why, &n)| (n, format!("task failed: {why}")))
        .collect();
    for (phase, phase_result) in &result.phases {
        let of_phase = phase_result.failures.iter();
        failures.extend(of_phase.map(|(what, why, n)| (n, format!("{} {what}: {why}", phase.name()))));
    }
    if failures.is_empty() {
        return None;
    }
    failures.sort_by(|(a, why_a), (b, why_b)| b.cmp(a).then_with(|| why_a.cmp(why_b)));
    let width = failures.first().map_or(0, |(most, _)| human::count(*most).len());
    let mut lines = vec![style.bold("failures")];
    lines.extend(failures.iter().take(LISTED).map(|(count, why)| {
        let why = human::one_line(why, WIDTH - width - 4);
        format!("  {:>width$}  {why}", human::count(*count))
    }));
    lines.extend(more(failures.len(), "other reason"));
    Some(lines.join("\n"))
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
    let mut lines = Vec::new();
    if let Some(Stats { p50, p99, max, .. }) = result.generator.lateness_us {
        let [p50, p99, max] = [p50, p99, max].map(human::time_us);
        lines.push(format!("  generator     late by p50 {p50}, p99 {p99}, max {max}"));
    }
    if let Some(fullness) = result.blocks.fullness_mean {
        let blocks = human::counted(result.blocks.count, "block");
        let max = result.blocks.fullness_max.unwrap_or(fullness);
        lines.push(format!(
            "  chain         {blocks}, {:.1} % full on average, {:.1} % at most",
            fullness * 100.0,
            max * 100.0
        ));
    }
    if let Some(node) = node::line(result) {
        lines.push(format!("  node          {}", human::one_line(&node, WIDTH - 16)));
    }
    lines.push(invariants(result, style));
    if let Some(files) = files {
        lines.push(format!("  files         {}", files.display()));
    }
    lines.join("\n")
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

fn invariants(result: &RunResult, style: Style) -> String {
    let invariants = &result.invariants;
    if invariants.violated == 0 {
        return match codes(&invariants.checked).as_slice() {
            [] => "  invariants    none checked".to_owned(),
            checked => format!("  invariants    {} held", checked.join(", ")),
        };
    }
    let broken = format!("broken {}", human::counted(invariants.violated, "time"));
    let mut lines = vec![format!("  invariants    {}", style.warning(&broken))];
    let listed = invariants.violations.iter().take(LISTED);
    lines.extend(
        listed.map(|violation| format!("    {}", human::one_line(&violation.to_string(), WIDTH - 4))),
    );
    lines.extend(more(
        usize::try_from(invariants.violated).unwrap_or(usize::MAX),
        "other time",
    ));
    lines.join("\n")
}

/// What to say of those that were not listed.
fn more(all: usize, what: &str) -> Option<String> {
    let rest = all.checked_sub(LISTED).filter(|rest| *rest > 0)?;
    Some(format!("  … and {}", human::counted(rest as u64, what)))
}

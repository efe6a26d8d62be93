//! Renders a comparison for the terminal.

use super::format;
use crate::{
    compare::{Comparison, Inconclusive, RuleOutcome, Verdict},
    format::{Facts, Style},
};

/// The comparison for people: what it comes to first, then rules, gas, latencies, and what else there is to know. Gas
/// that is the same to the unit is counted, not listed.
#[must_use]
pub fn comparison_table(comparison: &Comparison, style: Style) -> String {
    let mut blocks = vec![head(comparison, style)];
    blocks.extend(rules(comparison, style));
    let (same, shown): (Vec<_>, Vec<_>) = comparison
        .gas
        .iter()
        .partition(|gas| gas.exact && gas.verdict == Verdict::Same);
    if !comparison.gas.is_empty() {
        let same = match same.len() {
            0 => String::new(),
            same => format!("\n{same} phases and functions cost the same to the unit"),
        };
        let table = format::gas_table(shown);
        let table = match table.is_empty() {
            true => String::new(),
            false => format!("\n{}", table.terminal(style)),
        };
        blocks.push(format!("{}{table}{same}", style.bold("gas per call")));
    }
    let latencies = comparison.latency.iter().flat_map(|latency| &latency.metrics);
    for (title, table) in [
        ("latency", format::latency_table(latencies)),
        (
            "response time per function, without a verdict",
            format::function_table(comparison),
        ),
        (
            "effect size: positive if candidate values tend to be larger (delta from −1 to 1)",
            format::shift_table(comparison),
        ),
        ("other figures", format::figure_table(comparison)),
    ] {
        if !table.is_empty() {
            blocks.push(format!("{}\n{}", style.bold(title), table.terminal(style)));
        }
    }
    blocks.push(format::method(comparison));
    blocks.join("\n\n") + "\n"
}

fn head(comparison: &Comparison, style: Style) -> String {
    let mut lines = Vec::new();
    if !comparison.incomparable.is_empty() {
        lines.push(
            style.warning(
                "NOT COMPARABLE: forced comparison of runs that differ; do not rely on these verdicts",
            ),
        );
        lines.extend(comparison.incomparable.iter().map(|why| format!("  {why}")));
    }
    lines.push(style.bold(&format::verdicts(comparison)));
    let mut facts = Facts::new(13);
    facts.add("baseline", format::runs_line(&comparison.base));
    facts.add("candidate", format::runs_line(&comparison.new));
    for verdict in [Verdict::Worse, Verdict::Better, Verdict::Shifted] {
        if let Some(named) = format::named(comparison, verdict) {
            facts.add(verdict.words(), named);
        }
    }
    if comparison.verdicts.shifted > 0 {
        facts.more(format::SHIFTED);
    }
    if let Some(named) = format::vanished(comparison) {
        facts.line(format!("in the baseline only: {named}"));
    }
    for note in &comparison.notes {
        facts.add("note", note);
    }
    lines.push(facts.text());
    lines.join("\n")
}

fn rules(comparison: &Comparison, style: Style) -> Option<String> {
    if comparison.rules.is_empty() {
        return None;
    }
    let mut lines = vec![style.bold("rules")];
    for rule in &comparison.rules {
        let word = format!("{:<9}", format::outcome(rule.outcome, comparison.inconclusive));
        let word = match (rule.outcome, comparison.inconclusive) {
            (RuleOutcome::Failed, _) | (RuleOutcome::Inconclusive, Inconclusive::Fail) => {
                style.warning(&word)
            }
            (RuleOutcome::Held | RuleOutcome::Inconclusive, _) => word,
        };
        lines.push(format!("  {word}  {}", rule.rule));
        lines.extend(
            rule.findings
                .iter()
                .map(|finding| format!("             {finding}")),
        );
    }
    Some(lines.join("\n"))
}

//! A comparison as a comment on a pull request: GitHub's and GitLab's Markdown.

use super::format;
use crate::{
    compare::{Comparison, Verdict},
    text,
};

/// The comparison as Markdown: what changed in sight, the rest to unfold.
#[must_use]
pub fn comparison_markdown(comparison: &Comparison) -> String {
    let mut text = format!("### taskstorm compare: {}\n\n", format::verdicts(comparison));
    if !comparison.incomparable.is_empty() {
        text.push_str(
            "> **NOT COMPARABLE**: forced comparison of runs that differ. Do not rely on these verdicts.\n",
        );
        for why in &comparison.incomparable {
            text.push_str(&format!("> - {}\n", escaped(why)));
        }
        text.push('\n');
    }
    text.push_str(&format!(
        "- **baseline** {}\n",
        escaped(&format::runs_line(&comparison.base))
    ));
    text.push_str(&format!(
        "- **candidate** {}\n",
        escaped(&format::runs_line(&comparison.new))
    ));
    for verdict in [Verdict::Worse, Verdict::Better] {
        if let Some(named) = format::named(comparison, verdict) {
            text.push_str(&format!("- **{}**: {}\n", verdict.words(), escaped(&named)));
        }
    }
    if let Some(named) = format::vanished(comparison) {
        text.push_str(&format!("- **in the baseline only**: {}\n", escaped(&named)));
    }
    for note in &comparison.notes {
        text.push_str(&format!("- note: {}\n", escaped(note)));
    }
    text.push('\n');
    if !comparison.rules.is_empty() {
        let rows = comparison.rules.iter().map(|rule| {
            let outcome = format::outcome(rule.outcome, comparison.inconclusive);
            vec![rule.rule.clone(), outcome.to_owned(), rule.findings.join("; ")]
        });
        text.push_str(&table(&["rule", "outcome", "why"], rows.collect()));
    }

    let (changed, rest): (Vec<_>, Vec<_>) = comparison
        .gas
        .iter()
        .partition(|gas| matches!(gas.verdict, Verdict::Worse | Verdict::Better));
    let rows = |gas: Vec<_>| gas.into_iter().flat_map(format::gas_rows).collect();
    text.push_str(&table(&format::GAS_HEADER, rows(changed)));
    let (moved, still): (Vec<_>, Vec<_>) = comparison
        .latency
        .iter()
        .flat_map(|latency| &latency.metrics)
        .partition(|metric| matches!(metric.verdict, Verdict::Worse | Verdict::Better));
    let latencies = |metrics: Vec<_>| metrics.into_iter().map(format::latency_row).collect();
    text.push_str(&table(&format::LATENCY_HEADER, latencies(moved)));
    for (title, inside) in [
        ("gas without a change", table(&format::GAS_HEADER, rows(rest))),
        (
            "latencies without a change",
            table(&format::LATENCY_HEADER, latencies(still)),
        ),
        (
            "effect sizes and rank tests",
            table(&format::SHIFT_HEADER, format::shift_rows(comparison)),
        ),
        (
            "other figures",
            table(&format::FIGURE_HEADER, format::figure_rows(comparison)),
        ),
    ] {
        if !inside.is_empty() {
            text.push_str(&format!(
                "<details><summary>{title}</summary>\n\n{inside}</details>\n\n"
            ));
        }
    }
    text.push_str(&format!("<sub>{}</sub>\n", format::method(comparison)));
    text
}

/// A table with a line feed behind it; nothing without rows.
fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(header.iter().map(|name| (*name).to_owned()).collect());
    let numbers = header.len().saturating_sub(1);
    text.push_str(&format!("|---|{}\n", "--:|".repeat(numbers)));
    for row in rows {
        text.push_str(&line(row.iter().map(|cell| escaped(cell)).collect()));
    }
    text.push('\n');
    text
}

/// Text from elsewhere that starts no table, tag, link or emphasis of its own.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text::line(text).chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '@' => safe.extend(['\\', c]),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            c => safe.push(c),
        }
    }
    safe
}

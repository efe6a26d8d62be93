//! A comparison as a comment on a pull request: GitHub's and GitLab's Markdown.

use super::format;
use crate::{
    compare::{Comparison, Verdict},
    format::{Table, markdown_escaped as escaped},
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
    for verdict in [Verdict::Worse, Verdict::Better, Verdict::Shifted] {
        if let Some(named) = format::named(comparison, verdict) {
            text.push_str(&format!("- **{}**: {}\n", verdict.words(), escaped(&named)));
        }
    }
    if comparison.verdicts.shifted > 0 {
        text.push_str(&format!("- {}\n", format::SHIFTED));
    }
    if let Some(named) = format::vanished(comparison) {
        text.push_str(&format!("- **in the baseline only**: {}\n", escaped(&named)));
    }
    for note in &comparison.notes {
        text.push_str(&format!("- note: {}\n", escaped(note)));
    }
    text.push('\n');
    let rules = comparison.rules.iter().map(|rule| {
        let outcome = format::outcome(rule.outcome, comparison.inconclusive);
        [rule.rule.clone(), outcome.to_owned(), rule.findings.join("; ")]
    });
    let rules = Table::default().texts(["rule", "outcome", "why"]).rows(rules);
    text.push_str(&rules.markdown());

    let has_changed = |verdict: Verdict| matches!(verdict, Verdict::Worse | Verdict::Better);
    let gas = comparison.gas.iter();
    let (changed, rest): (Vec<_>, Vec<_>) = gas.partition(|gas| has_changed(gas.verdict));
    let latencies = comparison.latency.iter().flat_map(|latency| &latency.metrics);
    let (moved, still): (Vec<_>, Vec<_>) = latencies.partition(|metric| has_changed(metric.verdict));
    text.push_str(&format::gas_table(changed).markdown());
    text.push_str(&format::latency_table(moved).markdown());
    for (title, table) in [
        ("gas without a change", format::gas_table(rest)),
        ("latencies without a change", format::latency_table(still)),
        ("response time per function", format::function_table(comparison)),
        ("effect sizes and rank tests", format::shift_table(comparison)),
        ("other figures", format::figure_table(comparison)),
    ] {
        if !table.is_empty() {
            let table = table.markdown();
            text.push_str(&format!(
                "<details><summary>{title}</summary>\n\n{table}</details>\n\n"
            ));
        }
    }
    text.push_str(&format!("<sub>{}</sub>\n", format::method(comparison)));
    text
}

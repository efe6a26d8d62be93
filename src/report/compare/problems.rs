//! Log lines about a comparison that does not pass.

use crate::compare::{Comparison, Inconclusive, RuleOutcome};

/// Logs why runs are not comparable, and every rule that does not hold.
pub fn log_rules(comparison: &Comparison) {
    for why in &comparison.incomparable {
        tracing::warn!("not comparable: {why}");
    }
    for rule in &comparison.rules {
        let (name, findings) = (&rule.rule, rule.findings.join("; "));
        match (rule.outcome, comparison.inconclusive) {
            (RuleOutcome::Held, _) => {}
            (RuleOutcome::Failed, _) => tracing::error!("`{name}` failed: {findings}"),
            (RuleOutcome::Inconclusive, Inconclusive::Fail) => tracing::error!(
                "`{name}` is inconclusive: {findings}. Measure longer or give more runs, or choose the outcome \
                 with --inconclusive"
            ),
            (RuleOutcome::Inconclusive, Inconclusive::Skip) => {
                tracing::warn!("`{name}` is inconclusive and skipped: {findings}");
            }
            (RuleOutcome::Inconclusive, Inconclusive::Pass) => {
                tracing::warn!("`{name}` is inconclusive and passes: {findings}");
            }
        }
    }
}

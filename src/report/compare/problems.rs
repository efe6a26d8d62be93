//! Log lines about a comparison that does not pass.

use std::collections::BTreeSet;

use crate::compare::{Comparison, Inconclusive, RuleOutcome, RunFacts};

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

/// Logs that the baseline and the candidate deployed different contracts, if they did.
pub fn log_contracts(comparison: &Comparison) {
    let [baseline, candidate] = [&comparison.base, &comparison.new].map(|runs| contracts(runs));
    if baseline != candidate {
        tracing::warn!("the contracts differ: the baseline ran {baseline}, the candidate {candidate}");
    }
}

/// The builds that runs deployed.
fn contracts(runs: &[RunFacts]) -> String {
    let builds = runs.iter().map(|run| run.contracts.as_deref());
    let builds: BTreeSet<&str> = builds.map(|build| build.unwrap_or("unknown contracts")).collect();
    builds.into_iter().collect::<Vec<_>>().join(", ")
}

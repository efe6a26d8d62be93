//! A hunt as JSON.

use serde::Serialize;

use crate::{
    hunt::{Coverage, Evidence, Finding, Hunt, TracedTransaction, contracts_digest},
    scenario::Scenario,
};

/// What a hunt came to, as a document.
#[derive(Debug, Serialize)]
pub struct HuntSummary<'a> {
    /// The version of the program.
    version: &'static str,
    scenario: &'a str,
    /// The digest of the contracts.
    contracts: String,
    seed: u64,
    interrupted: bool,
    runs: u64,
    /// Those that were whole runs of the scenario.
    whole_runs: u64,
    transactions: u64,
    /// Seconds that it took.
    seconds: f64,
    /// Shapes of states that were seen.
    states: usize,
    findings: Vec<JsonFinding<'a>>,
    /// Findings beyond those, which were not shrunk.
    more_findings: u64,
    coverage: Vec<Covered<'a>>,
}

#[derive(Debug, Serialize)]
struct JsonFinding<'a> {
    name: String,
    /// The code of the rule that is broken, and its name.
    rule: &'a str,
    rule_name: &'a str,
    /// The function that was called, where a call broke it.
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<&'a str>,
    detail: &'a str,
    identity: String,
    /// The run in which it was found, and transactions of that run until then.
    run: u64,
    found_after: usize,
    /// Runs in which it was found.
    times: u64,
    evidence: &'a Evidence,
    /// The scenario of a whole run, as a file has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    scenario: Option<String>,
    transactions: &'a [TracedTransaction],
}

#[derive(Debug, Serialize)]
struct Covered<'a> {
    #[serde(flatten)]
    what: &'a Coverage,
    times: u64,
}

impl<'a> HuntSummary<'a> {
    /// The document of a hunt in a scenario.
    #[must_use]
    pub fn of(hunt: &'a Hunt, scenario: &'a Scenario) -> Self {
        let finding = |finding: &'a Finding| JsonFinding {
            name: finding.name(),
            identity: finding.broken.identity(),
            rule: &finding.broken.rule,
            rule_name: &finding.broken.name,
            function: finding.broken.function.as_deref(),
            detail: &finding.broken.detail,
            run: finding.run,
            found_after: finding.found_after,
            times: finding.times,
            evidence: &finding.evidence,
            scenario: finding.scenario.as_ref().map(|scenario| scenario.to_toml()),
            transactions: &finding.trace,
        };
        Self {
            version: env!("CARGO_PKG_VERSION"),
            scenario: &scenario.name,
            contracts: contracts_digest(scenario),
            seed: scenario.seed,
            interrupted: hunt.interrupted,
            runs: hunt.progress.runs,
            whole_runs: hunt.progress.cases,
            transactions: hunt.progress.transactions,
            seconds: hunt.progress.took.as_secs_f64(),
            states: hunt.progress.shapes,
            findings: hunt.findings.iter().map(finding).collect(),
            more_findings: hunt.more,
            coverage: hunt
                .coverage
                .iter()
                .map(|(what, times)| Covered { what, times })
                .collect(),
        }
    }
}

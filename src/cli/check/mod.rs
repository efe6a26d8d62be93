//! `taskstorm check`: validates scenarios and estimates transactions, gas and duration.

mod table;

use std::path::PathBuf;

use serde::Serialize;

use super::{Exit, Failure, output, scenario::OverrideArgs, stderr};
use crate::{
    estimate::{Cost, Estimate, LoadVerdict},
    scenario::{ChainKind, Finding, Loaded, Scenario, ScenarioError},
};

/// Check scenario files; estimate transactions, gas and duration.
///
/// Validates every file and reports every problem. Estimates of valid files: tasks, transactions, gas, duration and blocks,
/// and whether the gas limit and the miners' work time can hold the load. Transactions and gas come from running
/// some tasks of each group on the embedded chain; the rest is arithmetic that assumes that nothing fails.
///
/// Exit codes: 0 all files are valid · 2 a file is invalid or cannot be read.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario files.
    #[arg(value_name = "SCENARIO", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    overrides: OverrideArgs,
    /// Check them for this kind of chain instead of their own.
    #[arg(long, value_name = "anvil|embedded", value_parser = kind)]
    chain: Option<ChainKind>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn kind(text: &str) -> Result<ChainKind, String> {
    ChainKind::named(text).ok_or_else(|| "a scenario is checked for anvil or embedded".to_owned())
}

/// The version of the JSON that is printed: it grows when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Checked {
    schema_version: u32,
    files: Vec<File>,
}

/// What there is to say about a file.
#[derive(Serialize)]
struct File {
    file: String,
    /// Whether it is valid.
    valid: bool,
    name: Option<String>,
    seed: Option<u64>,
    /// Thresholds, the default threshold included.
    thresholds: Vec<String>,
    problems: Vec<FindingJson>,
    warnings: Vec<FindingJson>,
    estimate: Option<Judged>,
}

/// A finding without its excerpt.
#[derive(Serialize)]
struct FindingJson {
    message: String,
    help: String,
    source: String,
    line: usize,
    column: usize,
}

/// An estimate with what follows from it.
#[derive(Serialize)]
struct Judged {
    #[serde(flatten)]
    estimate: Estimate,
    total: Cost,
    duration_us: u64,
    gas_verdict: LoadVerdict,
    miners_verdict: LoadVerdict,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let overrides = args.overrides.overrides(args.chain);
    let mut files = Vec::new();
    let mut texts = Vec::new();
    let mut exit = Exit::Done;
    for path in &args.files {
        let file = path.display().to_string();
        match Loaded::with_overrides(path, &overrides) {
            Ok(Loaded { scenario, warnings }) => {
                let estimate = Estimate::of(&scenario)?;
                texts.push(table::of(&file, &scenario, &estimate, warnings.len()));
                files.push(valid(file, &scenario, estimate, &warnings));
                report_warnings(warnings);
            }
            Err(error) => {
                exit = Exit::Usage;
                texts.push(format!("{file}: invalid\n"));
                files.push(invalid(file, &error));
                // On stderr, as every command does that is given this file.
                let _ = Failure::from(error).report();
            }
        }
    }
    let printed = if args.json {
        let schema_version = SCHEMA_VERSION;
        output::print_value(&Checked {
            schema_version,
            files,
        })
    } else {
        output::print(&texts.join("\n"))
    };
    exit.after([printed])
}

fn report_warnings(warnings: Vec<Finding>) {
    for warning in warnings {
        tracing::warn!("{}", stderr::rendered(&warning.into(), false));
    }
}

fn valid(file: String, scenario: &Scenario, estimate: Estimate, warnings: &[Finding]) -> File {
    File {
        file,
        valid: true,
        name: Some(scenario.name.clone()),
        seed: Some(scenario.seed),
        thresholds: scenario.thresholds.iter().map(ToString::to_string).collect(),
        problems: Vec::new(),
        warnings: warnings.iter().map(finding_json).collect(),
        estimate: Some(Judged {
            total: estimate.total(),
            duration_us: estimate.setup_us.saturating_add(estimate.load_us),
            gas_verdict: estimate.gas_verdict(),
            miners_verdict: estimate.miners_verdict(),
            estimate,
        }),
    }
}

fn invalid(file: String, error: &ScenarioError) -> File {
    let problems = match error {
        ScenarioError::Invalid { findings, .. } => findings.iter().map(finding_json).collect(),
        unreadable => vec![FindingJson {
            message: unreadable.to_string(),
            help: String::new(),
            source: file.clone(),
            line: 0,
            column: 0,
        }],
    };
    File {
        file,
        valid: false,
        name: None,
        seed: None,
        thresholds: Vec::new(),
        problems,
        warnings: Vec::new(),
        estimate: None,
    }
}

fn finding_json(finding: &Finding) -> FindingJson {
    let (line, column) = finding.position();
    FindingJson {
        message: finding.to_string(),
        help: finding.help_text().to_owned(),
        source: finding.source_name().to_owned(),
        line,
        column,
    }
}

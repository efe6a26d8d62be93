//! The outcome of `taskstorm check`: every file with its problems, or with its estimate.

mod definition;
mod profile;
mod table;

use serde::Serialize;

use self::definition::CheckedProfile;
pub use self::definition::state_chart;

use crate::{
    artifacts::Digest,
    estimate::{Cost, Estimate, Forecast, LoadVerdict, Offered, Simulated},
    protocol::profile::Definition,
    scenario::{Finding, ProfileRun, Scenario, ScenarioError},
};

/// The version of the JSON that is printed: it grows when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

/// The outcome of a check of several files; what `check --json` prints.
#[derive(Debug, Serialize)]
pub struct Checked {
    schema_version: u32,
    files: Vec<CheckedFile>,
}

/// What there is to say about a file.
#[derive(Debug, Default, Serialize)]
pub struct CheckedFile {
    file: String,
    /// Whether it is valid.
    valid: bool,
    name: Option<String>,
    seed: Option<u64>,
    /// The name of the profile that it runs; `None` for the reference protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'static str>,
    /// The contracts that it deploys; none of a profile's own file.
    contracts: Option<Contracts>,
    /// Thresholds, the default threshold included.
    thresholds: Vec<String>,
    problems: Vec<FindingJson>,
    warnings: Vec<FindingJson>,
    estimate: Option<Judged>,
    /// The ranges in which the figures of a run lie, by simulations of the whole scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<Forecast>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_forecast: Option<String>,
    /// What a profile says; `None` for a scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    definition: Option<CheckedProfile>,
    /// What the load offers, where the scenario runs a profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    offered: Option<Offered>,
    /// What it takes, by a simulation of some tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    simulated: Option<Simulated>,
    /// Why that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_simulated: Option<String>,
    /// The same for people.
    #[serde(skip)]
    text: String,
}

/// The build of the contracts that a scenario deploys.
#[derive(Debug, Serialize)]
struct Contracts {
    /// `built-in`, or the artifacts as the scenario or the command line named them.
    source: String,
    digest: Digest,
}

/// A finding without its excerpt.
#[derive(Debug, Serialize)]
struct FindingJson {
    message: String,
    help: String,
    source: String,
    line: usize,
    column: usize,
}

/// What there is to say about the load of a valid scenario.
#[derive(Debug)]
pub enum CheckedLoad {
    /// Of the reference protocol.
    Estimated {
        /// From some tasks.
        estimate: Estimate,
        /// From simulations of the scenario; why there is none; `None` if none was asked for.
        forecast: Option<Result<Forecast, String>>,
    },
    /// Of a profile.
    Offered {
        /// Tasks, and when.
        offered: Offered,
        /// What they take, or why that is not known.
        simulated: Result<Simulated, String>,
    },
}

/// An estimate with what follows from it.
#[derive(Debug, Serialize)]
struct Judged {
    #[serde(flatten)]
    estimate: Estimate,
    total: Cost,
    duration_us: u64,
    gas_verdict: LoadVerdict,
    miners_verdict: LoadVerdict,
}

impl Judged {
    fn of(estimate: Estimate) -> Self {
        Self {
            total: estimate.total(),
            duration_us: estimate.setup_us.saturating_add(estimate.load_us),
            gas_verdict: estimate.gas_verdict(),
            miners_verdict: estimate.miners_verdict(),
            estimate,
        }
    }
}

impl Checked {
    /// The outcome of these files.
    #[must_use]
    pub const fn new(files: Vec<CheckedFile>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            files,
        }
    }

    /// The files for people, each with its estimate.
    #[must_use]
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.files.iter().map(|file| file.text.as_str()).collect();
        texts.join("\n")
    }
}

impl CheckedFile {
    /// A file that holds this scenario.
    #[must_use]
    pub fn valid(file: String, scenario: &Scenario, load: CheckedLoad, warnings: &[Finding]) -> Self {
        let run = scenario.profile.as_ref();
        let text = match (&load, run) {
            (CheckedLoad::Estimated { estimate, forecast }, _) => {
                let forecast = forecast
                    .as_ref()
                    .map(|forecast| forecast.as_ref().map_err(String::as_str));
                table::text(&file, scenario, (estimate, forecast), warnings.len())
            }
            (CheckedLoad::Offered { offered, simulated }, Some(run)) => {
                let simulated = simulated.as_ref().map_err(String::as_str);
                profile::text(&file, scenario, run, (offered, simulated), warnings.len())
            }
            (CheckedLoad::Offered { .. }, None) => table::heading(&file, scenario, warnings.len()),
        };
        let checked = match load {
            CheckedLoad::Estimated { estimate, forecast } => {
                let (forecast, not_forecast) = match forecast.transpose() {
                    Ok(forecast) => (forecast, None),
                    Err(reason) => (None, Some(reason)),
                };
                Self {
                    estimate: Some(Judged::of(estimate)),
                    forecast,
                    not_forecast,
                    ..Self::default()
                }
            }
            CheckedLoad::Offered { offered, simulated } => {
                let (simulated, not_simulated) = match simulated {
                    Ok(simulated) => (Some(simulated), None),
                    Err(reason) => (None, Some(reason)),
                };
                Self {
                    offered: Some(offered),
                    simulated,
                    not_simulated,
                    ..Self::default()
                }
            }
        };
        Self {
            text,
            file,
            valid: true,
            name: Some(scenario.name.clone()),
            seed: Some(scenario.seed),
            profile: run.map(|run| run.definition.schema.name),
            contracts: Some(Contracts {
                source: run.map_or_else(|| scenario.contracts.source().to_owned(), ProfileRun::source),
                digest: scenario.digest_of_contracts(),
            }),
            thresholds: scenario.thresholds.iter().map(ToString::to_string).collect(),
            warnings: warnings.iter().map(finding_json).collect(),
            ..checked
        }
    }

    /// A file that holds this profile.
    #[must_use]
    pub fn profile(file: String, profile: &Definition) -> Self {
        Self {
            text: definition::text(&file, profile),
            file,
            valid: true,
            name: Some(profile.schema.name.to_owned()),
            definition: Some(CheckedProfile::of(profile)),
            ..Self::default()
        }
    }

    /// A file that holds neither.
    #[must_use]
    pub fn invalid(file: String, error: &ScenarioError) -> Self {
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
        Self {
            text: format!("{file}: invalid\n"),
            file,
            problems,
            ..Self::default()
        }
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

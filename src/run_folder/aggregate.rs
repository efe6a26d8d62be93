//! Aggregates the runs of several seeds: the `summary.json` of a folder of runs.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ExportError, SUMMARY_JSON, json_document, write_file};
use crate::record::{BuildFacts, RunResult, SCHEMA_VERSION, StopReason, ThresholdVerdict, TimeSource};

/// What a scenario came to over several seeds; the `summary.json` of a folder of runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aggregate {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The version of taskstorm that ran it.
    pub tool_version: String,
    /// The scenario's name.
    pub scenario: String,
    /// Source and digest of the contracts; `None` if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contracts: Option<String>,
    /// The time source of the runs.
    pub clock: TimeSource,
    /// Whether every run completed.
    pub complete: bool,
    /// The runs, by seed.
    pub runs: Vec<SeedRun>,
    /// Every number of the runs' summaries that more than one run has, by its path in them
    /// (`phases.ack.response_us.p99`), over the seeds.
    pub metrics: BTreeMap<String, Spread>,
}

/// One of the runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeedRun {
    /// Its seed.
    pub seed: u64,
    /// Its folder, beside the aggregate's `summary.json`.
    pub folder: String,
    /// Whether it completed.
    pub complete: bool,
    /// The reason why it stopped.
    pub stop_reason: StopReason,
    /// The thresholds that its result does not keep, each with what was measured.
    #[serde(default)]
    pub failed_thresholds: Vec<ThresholdVerdict>,
}

/// A number over the seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Runs that have it.
    pub runs: u64,
    /// The smallest.
    pub min: f64,
    /// The mean.
    pub mean: f64,
    /// The largest.
    pub max: f64,
    /// The sample standard deviation (divisor n − 1); 0 of one run.
    pub stddev: f64,
}

/// The folder of the run with this seed, in the folder of all.
#[must_use]
pub fn seed_folder(seed: u64) -> String {
    format!("seed-{seed}")
}

impl Aggregate {
    /// Puts together the results of the runs of one scenario, given by ascending seed; `None` of no runs.
    #[must_use]
    pub fn of(results: &[RunResult]) -> Option<Self> {
        let first = results.first()?;
        let run = |result: &RunResult| SeedRun {
            seed: result.scenario.seed,
            folder: seed_folder(result.scenario.seed),
            complete: result.complete,
            stop_reason: result.stop_reason,
            failed_thresholds: result.failed_thresholds().cloned().collect(),
        };
        let mut numbers: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for result in results {
            // A result always serialises: `summary.json` is made the same way.
            let value = serde_json::to_value(result).unwrap_or_default();
            collect(&mut numbers, "", &value);
        }
        for apart in [
            "schema_version",
            "scenario.seed",
            "chain.chain_id",
            "chain.contract_build.gas_limit_percent",
        ] {
            numbers.remove(apart);
        }
        Some(Self {
            schema_version: SCHEMA_VERSION,
            tool_version: first.tool_version.clone(),
            scenario: first.scenario.name.clone(),
            contracts: first.chain.contract_build.as_ref().map(BuildFacts::short),
            clock: first.clock,
            complete: results.iter().all(|result| result.complete),
            runs: results.iter().map(run).collect(),
            metrics: numbers
                .into_iter()
                .map(|(path, values)| (path, Spread::of(&values)))
                .collect(),
        })
    }

    /// Writes `summary.json` into the folder of the runs; it appears whole or not at all.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), ExportError> {
        let text = json_document(SUMMARY_JSON, self)?;
        write_file(folder.join(SUMMARY_JSON), text.as_bytes())
    }
}

/// Collects every number of `value` by its path.
fn collect(numbers: &mut BTreeMap<String, Vec<f64>>, path: &str, value: &Value) {
    match value {
        Value::Number(number) => {
            let value = number.as_f64().unwrap_or_default();
            numbers.entry(path.to_owned()).or_default().push(value);
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                collect(numbers, &path, value);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) => {}
    }
}

impl Spread {
    /// The spread of these values; at least one.
    fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self {
            runs: values.len() as u64,
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            mean,
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            stddev: if values.len() > 1 {
                (squares / (n - 1.0)).sqrt()
            } else {
                0.0
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn a_spread_is_that_of_a_sample() {
        let spread = Spread::of(&[2.0, 4.0, 6.0]);
        assert_eq!(
            (spread.min, spread.mean, spread.max, spread.stddev),
            (2.0, 4.0, 6.0, 2.0)
        );
        assert_eq!(Spread::of(&[7.0]).stddev, 0.0);
    }
}

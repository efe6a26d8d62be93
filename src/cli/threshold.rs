//! Flags for thresholds on a result.

use std::str::FromStr;

use super::{Exit, Failure};
use crate::{
    metric::{Threshold, ThresholdError},
    scenario::Scenario,
};

/// Conditions that the result must meet.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ThresholdArgs {
    /// Condition that the result must meet, besides the scenario's thresholds: "task.total.p99 < 10s". Repeatable;
    /// `taskstorm metrics` lists the metrics. Fail (exit 4) if a condition does not hold. A condition on
    /// `tasks.failed` or `tasks.ended` replaces the default, `tasks.failed.count == 0`.
    #[arg(long = "threshold", value_name = "EXPRESSION")]
    thresholds: Vec<StatedThreshold>,
    /// Stop the run as soon as a threshold can no longer hold.
    #[arg(long)]
    stop_early: bool,
}

impl ThresholdArgs {
    /// Adds them to the scenario's.
    ///
    /// # Errors
    /// If one names no metric of the scenario's protocol.
    pub(super) fn apply(self, scenario: &mut Scenario) -> Result<(), Failure> {
        let stated = resolve("--threshold", &self.thresholds, scenario)?;
        scenario.thresholds.extend(stated);
        Threshold::complete(&mut scenario.thresholds);
        if self.stop_early {
            for threshold in &mut scenario.thresholds {
                threshold.stop_early = true;
            }
        }
        Ok(())
    }
}

/// A threshold as a flag states it. Which metrics there are, the protocol of the scenario says.
#[derive(Clone, Debug)]
pub(super) struct StatedThreshold(String);

impl FromStr for StatedThreshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        match Threshold::parse(text) {
            Ok(_) | Err(ThresholdError::Metric { .. }) => Ok(Self(text.to_owned())),
            Err(error) => Err(error),
        }
    }
}

/// A flag that names a metric that the protocol does not have.
#[derive(Debug, thiserror::Error)]
#[error("invalid value '{text}' for '{flag} <EXPRESSION>': {reason}")]
struct Invalid {
    flag: &'static str,
    text: String,
    reason: ThresholdError,
}

/// The thresholds that `flag` states, on metrics of the scenario's protocol.
///
/// # Errors
/// If one names no such metric.
pub(super) fn resolve(
    flag: &'static str,
    stated: &[StatedThreshold],
    scenario: &Scenario,
) -> Result<Vec<Threshold>, Failure> {
    let parse = |StatedThreshold(text): &StatedThreshold| {
        Threshold::parse(text).map_err(|reason| {
            let text = text.clone();
            Failure::plain(Exit::Usage, Invalid { flag, text, reason })
        })
    };
    scenario
        .schema()
        .while_reading(|| stated.iter().map(parse).collect())
}

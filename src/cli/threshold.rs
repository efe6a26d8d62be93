//! Flags for thresholds on a result.

use crate::{metric::Threshold, scenario::Scenario};

/// Conditions that the result must meet.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ThresholdArgs {
    /// Condition that the result must meet, besides the scenario's thresholds: "task.total.p99 < 10s". Repeatable;
    /// `taskstorm metrics` lists the metrics. Fail (exit 4) if a condition does not hold. A condition on
    /// `tasks.failed` or `tasks.ended` replaces the default, `tasks.failed.count == 0`.
    #[arg(long = "threshold", value_name = "EXPRESSION")]
    thresholds: Vec<Threshold>,
    /// Stop the run as soon as a threshold can no longer hold.
    #[arg(long)]
    stop_early: bool,
}

impl ThresholdArgs {
    /// Adds them to the scenario's.
    pub(super) fn apply(self, scenario: &mut Scenario) {
        scenario.thresholds.extend(self.thresholds);
        Threshold::complete(&mut scenario.thresholds);
        if self.stop_early {
            for threshold in &mut scenario.thresholds {
                threshold.stop_early = true;
            }
        }
    }
}

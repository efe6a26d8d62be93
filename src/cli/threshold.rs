//! Flags for thresholds on a result.

use crate::{metric::Threshold, scenario::Scenario};

/// What a result must keep.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ThresholdArgs {
    /// What the result must keep, besides the scenario's thresholds: "task.total.p99 < 10s". May be given several times;
    /// `taskstorm metrics` lists what can be compared. If one does not hold, the exit code is 4. One that compares
    /// `tasks.failed` or `tasks.ended` replaces the default, `tasks.failed.count == 0`.
    #[arg(long = "threshold", value_name = "EXPRESSION")]
    thresholds: Vec<Threshold>,
    /// Stop the run as soon as it is certain that a threshold does not hold.
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

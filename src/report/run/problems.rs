//! Log lines about a run that is not complete: stdout may be read by a program.

use crate::{
    format::measured,
    record::{RunResult, StopReason},
};

/// Logs why a run stopped, and what is wrong with its files and its totals; then the thresholds that failed.
pub fn log_problems(result: &RunResult) {
    let stopped = result.stop_reason.description();
    match (result.stop_reason, &result.stop_message) {
        (StopReason::Finished, _) => {}
        (StopReason::ThresholdLost, Some(message)) => tracing::warn!("stopped early: {message}"),
        (StopReason::Interrupted, _) => {
            tracing::warn!("{stopped}: the files hold the measurements until then")
        }
        (_, Some(message)) => tracing::error!("{stopped}: {message}"),
        (_, None) => tracing::error!("{stopped}"),
    }
    if let Some(error) = &result.journal_error {
        tracing::error!("{error}; the file ends there");
    }
    if let Err(gap) = result.check_consistency() {
        tracing::error!("the totals are inconsistent (a bug in taskstorm): {gap}");
    }
    for verdict in result.failed_thresholds() {
        tracing::error!(
            "threshold failed: {}, measured {}",
            verdict.expression,
            measured(verdict)
        );
    }
}

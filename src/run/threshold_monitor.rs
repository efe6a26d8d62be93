//! The threshold monitor: evaluates a scenario's thresholds against the result, and stops the run early if asked.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::{
    metric::{EarlyStop, Threshold},
    record::{Heard, Recorder, RunResult, StopReason},
    scenario::Scenario,
};

/// Judges one run.
#[derive(Debug)]
pub(super) struct ThresholdMonitor {
    thresholds: Vec<Threshold>,
    /// The threshold that can no longer hold.
    lost: Arc<Mutex<Option<String>>>,
    /// Stops the run for others' reasons.
    outer: CancellationToken,
    /// Stops it for any.
    stop: CancellationToken,
}

impl ThresholdMonitor {
    /// Judges a run of `scenario` that submits `tasks` tasks and that `stop` stops. The recorder is to be used for it.
    pub(super) fn new(
        scenario: &Scenario,
        tasks: Option<u64>,
        recorder: Recorder,
        stop: &CancellationToken,
    ) -> (Self, Recorder) {
        let monitor = Self {
            thresholds: scenario.thresholds.clone(),
            lost: Arc::default(),
            outer: stop.clone(),
            stop: stop.child_token(),
        };
        let mut early_stop = EarlyStop::new(&monitor.thresholds, tasks);
        if !scenario.measure.is_everything() {
            early_stop.leave_out_times();
        }
        if early_stop.is_idle() {
            return (monitor, recorder);
        }
        let (lost, stop) = (Arc::clone(&monitor.lost), monitor.stop.clone());
        // After a reorg nothing is certain: what was counted may have been undone.
        let mut certain = true;
        let recorder = recorder.followed_by(move |heard| {
            let Heard::Record(record) = heard else {
                certain = false;
                return;
            };
            // What comes after that belongs to the end of the run.
            if certain
                && !stop.is_cancelled()
                && let Some(threshold) = early_stop.hear(record)
            {
                *lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(threshold.to_string());
                stop.cancel();
            }
        });
        (monitor, recorder)
    }

    /// What stops the run.
    pub(super) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Enters the verdicts in the result, and why the run stopped if it was on account of one.
    pub(super) fn evaluate(&self, result: &mut RunResult) {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(threshold) = lost
            && result.stop_reason == StopReason::Interrupted
            && !self.outer.is_cancelled()
        {
            result.stop_reason = StopReason::ThresholdLost;
            result.stop_message = Some(format!("`{threshold}` could no longer hold"));
        }
        let verdicts = self.thresholds.iter().map(|threshold| threshold.evaluate(result));
        result.thresholds = verdicts.collect();
    }
}

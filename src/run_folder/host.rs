//! Host-dependent measurements of a simulation, kept apart so that every other file is the same everywhere.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::RunResult;

/// When and how fast a simulation ran.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Host {
    /// When it was started (UTC).
    pub started_at: String,
    /// Real time that it took, in seconds.
    pub real_s: f64,
    /// Virtual time that it covered, per real time.
    pub speed_up: f64,
    /// Transactions in blocks per second of real time.
    pub transactions_per_real_s: f64,
}

impl Host {
    /// The speed of a run with this result that was started then and took `real`.
    #[must_use]
    pub fn of(result: &RunResult, started_at: Timestamp, real: Duration) -> Self {
        let real_s = real.as_secs_f64().max(1e-9);
        let in_blocks = result.transactions.included + result.transactions.reverted;
        Self {
            started_at: started_at.to_string(),
            real_s,
            speed_up: Duration::from(result.duration_us).as_secs_f64() / real_s,
            transactions_per_real_s: in_blocks as f64 / real_s,
        }
    }
}

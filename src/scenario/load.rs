//! How many tasks are submitted, and when.

use super::units::Rate;

/// How a group of owners spaces its submissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// Closed loop: each session keeps tasks open and submits the next one when one ends.
    BackToBack {
        /// Tasks in flight per session, from 1.
        in_flight: u32,
    },
    /// Open loop: submissions are due at fixed times, however the system fares.
    Constant {
        /// Tasks per time for the whole group: task *k*, from 0, is due at *k* / rate.
        rate: Rate,
    },
}

impl Default for Load {
    fn default() -> Self {
        Self::BackToBack { in_flight: 1 }
    }
}

/// How many tasks a group of owners submits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskCount {
    /// All sessions of the group together.
    Total(u64),
    /// Each session.
    PerSession(u64),
}

//! Counts of the faults that happened.

use serde::{Deserialize, Serialize};

use crate::time::Micros;

/// What became of a plan of faults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultLog {
    /// Each fault of the plan, in its order.
    pub faults: Vec<FaultOccurrences>,
}

/// How often a fault happened, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultOccurrences {
    /// The fault as a command line writes it.
    pub fault: String,
    /// Its kind.
    pub kind: String,
    /// How often it struck.
    pub count: u64,
    /// When it struck first, in µs since the run started.
    pub first_us: Option<Micros>,
    /// When it struck last.
    pub last_us: Option<Micros>,
    /// The stretches of the run that it disturbed, in µs since the run started: each its beginning and its end. At most
    /// [`FaultOccurrences::MOST_WINDOWS`].
    pub windows_us: Vec<(Micros, Micros)>,
}

impl FaultOccurrences {
    /// The most windows that are kept of a fault.
    pub const MOST_WINDOWS: usize = 20;
}

//! Metrics by name, thresholds on them, and what becomes of runs that do not keep theirs.

mod early;
mod junit;
mod names;
mod runs;
mod thresholds;

//! The outputs of a run that are no file of its folder: progress, the summary on the terminal, verdicts for CI systems.

mod determinism;
mod junit;
mod problems;
mod progress;
mod seeds;
mod summary;
mod tables;

pub use determinism::determinism_text;
pub use junit::junit_of_run;
pub use problems::log_problems;
pub use progress::{ProgressDisplay, ProgressMode, beside_the_bar};
pub use seeds::seeds_table;
pub use summary::summary_table;

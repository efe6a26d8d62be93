//! Reports of hunts: findings as text, JSON, JUnit XML and Foundry tests, and progress while a hunt goes on.

mod foundry;
mod json;
mod junit;
mod progress;
mod text;

pub use foundry::foundry_test;
pub use json::HuntSummary;
pub use junit::junit_of_hunt;
pub use progress::HuntDisplay;
pub use text::{hunt_text, replay_comment, replay_text, trace_text};

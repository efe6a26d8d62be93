//! The outputs of a run, made from its [`crate::record::RunResult`] alone.

mod run_dir;

pub use run_dir::{RunDir, RunDirError};

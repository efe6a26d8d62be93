//! Errors of a comparison.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::run_folder::ReadError;

/// A baseline and a candidate are not compared.
#[derive(Debug, Error, Diagnostic)]
pub enum CompareError {
    /// A run's folder cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// They are not runs of the same thing.
    #[error("the baseline and the candidate are not comparable:\n{}", listed(.0))]
    #[diagnostic(help(
        "compare complete runs of one scenario on the same kind of chain; --force compares them anyway, and every output then says so"
    ))]
    Incomparable(
        /// What they differ in, a sentence each.
        Vec<String>,
    ),
    /// A folder is given more than once: its values would count twice, and look surer than they are.
    #[error("{} is given more than once", .0.display())]
    #[diagnostic(help("give every run once: as baseline or as candidate"))]
    Twice(
        /// The folder.
        PathBuf,
    ),
}

fn listed(reasons: &[String]) -> String {
    let lines: Vec<String> = reasons.iter().map(|reason| format!("- {reason}")).collect();
    lines.join("\n")
}

//! `taskstorm schema`: prints the JSON Schema of scenario files.

use super::{Exit, Failure, output};
use crate::scenario::schema;

/// Print a JSON Schema of scenario files, for editors.
///
/// With the Even Better TOML extension of VS Code, or any editor that runs taplo: write it to a file next to the scenario
/// and name it in the scenario's first line.
///
/// taskstorm schema >taskstorm.schema.json, and in the scenario: #:schema ./taskstorm.schema.json
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_: &Args) -> Result<Exit, Failure> {
    output::print(&schema())?;
    Ok(Exit::Done)
}

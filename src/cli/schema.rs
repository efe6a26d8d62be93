//! `taskstorm schema`: prints the JSON Schema of scenario files, or of profiles.

use super::{Exit, Failure, output};
use crate::scenario::{profile_schema, schema};

/// Print a JSON Schema of scenario files, or of profiles, for editors.
///
/// With the Even Better TOML extension of VS Code, or any editor that runs taplo: write it to a file next to the scenario
/// and name it in the scenario's first line.
///
/// taskstorm schema >taskstorm.schema.json, and in the scenario: #:schema ./taskstorm.schema.json
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print the schema of profiles instead.
    #[arg(long)]
    profile: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    output::print(&if args.profile { profile_schema() } else { schema() })?;
    Ok(Exit::Done)
}

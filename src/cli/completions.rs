//! `taskstorm completions`: what a shell needs to complete commands and flags.

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::{Cli, Exit, Failure, output};

/// Print shell completions.
///
/// bash: taskstorm completions bash >~/.local/share/bash-completion/completions/taskstorm
/// · zsh: taskstorm completions zsh >"${fpath[1]}/_taskstorm"
/// · fish: taskstorm completions fish >~/.config/fish/completions/taskstorm.fish
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Shell to print completions for.
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "taskstorm", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

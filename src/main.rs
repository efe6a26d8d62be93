//! The taskstorm command: parse, call, exit code.

use std::process::ExitCode;

use taskstorm::cli::Cli;

fn main() -> ExitCode {
    match Cli::of_process() {
        Ok(cli) => cli.run(),
        Err(exit) => exit,
    }
}

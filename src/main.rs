//! The taskstorm command: parse, call, exit code.

use std::process::ExitCode;

use clap::Parser;
use taskstorm::cli::Cli;

fn main() -> ExitCode {
    Cli::parse().run()
}

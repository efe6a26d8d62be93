//! The taskstorm command: parse, call, exit code.

use std::process::ExitCode;

use mimalloc::MiMalloc;
use taskstorm::cli::Cli;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match Cli::of_process() {
        Ok(cli) => cli.run(),
        Err(exit) => exit,
    }
}

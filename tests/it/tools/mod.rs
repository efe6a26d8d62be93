//! The tools around a scenario: check, plan, schema, init.

mod check;
mod estimates;
mod huge;
mod init;
mod plan;
mod wrong;

use std::{
    path::Path,
    process::{Command, Output},
};

/// Runs taskstorm in `folder`.
fn taskstorm(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_taskstorm"))
        .args(arguments)
        .current_dir(folder)
        .env("COLUMNS", "100")
        .env_remove("RUST_LOG")
        .output()
        .expect("taskstorm starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// What a command that must end well prints.
fn success(folder: &Path, arguments: &[&str]) -> String {
    let output = taskstorm(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

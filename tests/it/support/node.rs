//! Node.js for tests, with the tools that package-lock.json pins.

use std::{
    path::Path,
    process::{Command, Output},
    sync::OnceLock,
};

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a script of the project. Its tools are installed first if need be, once for all tests.
pub(crate) fn run(script: &str, arguments: &[&str]) -> Output {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let output = node("tools/install.mjs", &[]);
        assert!(output.status.success(), "{}", stderr(&output));
    });
    node(script, arguments)
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn node(script: &str, arguments: &[&str]) -> Output {
    Command::new("node")
        .arg(script)
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("node, which npm comes with")
}

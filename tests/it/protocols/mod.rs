//! The profiles of `protocols/`: each runs as it promises, on the embedded chain and on anvil, and the reference protocol as a
//! profile is as exact as the one that is built in.

mod anvil;
mod embedded;
mod files;
mod parity;
mod tutorial;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crate::support::{
    node::{self, root},
    taskstorm::Taskstorm,
};

/// The folder of the profiles. What they deploy is installed and compiled first if need be, once for all tests.
pub(crate) fn protocols() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let output = node::run("protocols/build.mjs", &[]);
        assert!(output.status.success(), "{}", node::stderr(&output));
        root().join("protocols")
    })
}

/// The names of the profiles, in order.
fn names() -> Vec<String> {
    let files = fs::read_dir(root().join("protocols")).expect("the profiles");
    let files = files.map(|entry| entry.expect("a file").path());
    let profiles = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    let stem = |path: PathBuf| path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
    let mut names: Vec<String> = profiles.filter_map(stem).collect();
    names.sort();
    assert!(names.len() >= 8, "{names:?}");
    names
}

/// A run of the scenario of a profile, to the folder `out`.
fn run(name: &str) -> Taskstorm {
    let scenario = protocols().join(format!("scenarios/{name}.toml"));
    let scenario = scenario.to_str().expect("a path of text");
    Taskstorm::new(["run", scenario, "--out", "out", "--no-charts", "--quiet"])
}

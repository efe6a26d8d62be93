//! Artifacts of the real forge, where it is installed: `$FORGE`, `$PATH` or `node_modules/@foundry-rs/forge-*`.

use std::{env, fs, path::PathBuf, process::Command};

use super::support::build;
use crate::support::{
    node::{self, root},
    place::{Place, files},
};

/// The executable, or `None` if there is none on this machine.
fn forge() -> Option<PathBuf> {
    let explicit = env::var_os("FORGE").map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).map(|folder| folder.join("forge"));
    let packages = fs::read_dir(root().join("node_modules/@foundry-rs"))
        .into_iter()
        .flatten();
    let installed = packages
        .filter_map(Result::ok)
        .map(|package| package.path().join("bin/forge"));
    explicit
        .into_iter()
        .chain(on_path)
        .chain(installed)
        .find(|path| path.is_file())
}

#[test]
#[allow(clippy::print_stderr, reason = "a test that is skipped should say it")]
fn forge_makes_the_reference_contracts() {
    let Some(forge) = forge() else {
        eprintln!("SKIPPED: no forge on this machine; set FORGE to its path");
        return;
    };
    assert!(node::run("tools/install.mjs", &[]).status.success());
    let place = Place::new();
    for (name, content) in files(&root().join("contracts")) {
        if name.ends_with(".sol") && !name.starts_with("test/") {
            place.write(&format!("contracts/{name}"), content);
        }
    }
    let solc = root().join("tests/js/solc.mjs");
    let config = format!(
        "[profile.default]\nsrc = \"contracts\"\nout = \"build\"\nsolc = {solc:?}\nevm_version = \"cancun\"\noptimizer = true\n\
         optimizer_runs = 1000000\nvia_ir = true\nbytecode_hash = \"none\"\ncbor_metadata = false\noffline = true\n"
    );
    place.write("foundry.toml", config);
    let built = Command::new(forge)
        .args(["build", "--quiet"])
        .current_dir(place.path(""))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", node::stderr(&built));
    let read = build(place.path("")).unwrap();
    assert!(read.is_reference(), "{read:?}");
    assert_eq!(read.warnings(), [""; 0]);
    place.write(
        "contracts/NodePool.sol",
        place.read("contracts/NodePool.sol") + "// changed\n",
    );
    assert!(build(place.path("")).unwrap().warnings()[0].contains("NodePool is stale"));
}

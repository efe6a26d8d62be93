//! From npm's wrapper script to the native executable.
//!
//! The package `@foundry-rs/anvil` is a Node.js script that starts the executable of a second, platform-specific
//! package. Ending the script can leave the executable running, so taskstorm runs the executable itself.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::PACKAGE;

/// The package with the executable for this platform, if there is one: `@foundry-rs/anvil-linux-amd64`.
pub(super) fn platform_package() -> Option<String> {
    let system = match std::env::consts::OS {
        "linux" => "linux",
        "macos" => "darwin",
        _ => return None,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        _ => return None,
    };
    Some(format!("{PACKAGE}-{system}-{processor}"))
}

/// Where a `node_modules` directory may hold anvil, the native executable first.
pub(super) fn in_node_modules(modules: &Path) -> Vec<PathBuf> {
    let native = platform_package().map(|package| modules.join(package).join("bin/anvil"));
    let wrapper = modules.join(PACKAGE).join("bin.mjs");
    match native.filter(|native| native.is_file()) {
        Some(native) => vec![native],
        None => vec![wrapper],
    }
}

/// The npm package directory that this file is the wrapper script of, if it is one.
///
/// Follows the links that npm makes and the shell shims that pnpm writes into `node_modules/.bin`.
pub(super) fn wrapper_package(path: &Path) -> Option<PathBuf> {
    let file = path.canonicalize().ok()?;
    if !is_script(&file) {
        return None;
    }
    if file.parent()?.ends_with(PACKAGE) {
        return Some(file.parent()?.to_path_buf());
    }
    let shim_dir = file.parent().filter(|dir| dir.ends_with("node_modules/.bin"))?;
    let package = shim_dir.parent()?.join(PACKAGE).canonicalize().ok()?;
    package.join("bin.mjs").is_file().then_some(package)
}

/// The executable that the wrapper in this package directory would start, if it belongs to the same installation: it is
/// looked for in the package and up to the directory whose `node_modules` holds it. Node.js would go on to the root, where
/// anyone may have put it.
pub(super) fn behind_wrapper(package_dir: &Path) -> Option<PathBuf> {
    let platform = platform_package()?;
    let modules = package_dir
        .ancestors()
        .position(|dir| dir.ends_with("node_modules"));
    package_dir
        .ancestors()
        .take(modules.map_or(1, |modules| modules + 2))
        .map(|dir| dir.join("node_modules").join(&platform).join("bin/anvil"))
        .find(|native| native.is_file())
}

fn is_script(file: &Path) -> bool {
    let mut start = [0; 2];
    File::open(file)
        .and_then(|mut file| file.read_exact(&mut start))
        .is_ok()
        && start == *b"#!"
}

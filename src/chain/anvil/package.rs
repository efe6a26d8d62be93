//! The npm packages that an installation consists of, with the hashes that npm verifies, from the project's own lock
//! file.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::{PACKAGE, PINNED_VERSION};

/// The lock file of the project's JavaScript tools, of which anvil is one.
const LOCK: &str = include_str!("../../../package-lock.json");

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

/// The executable of an installation in this directory. npm's wrapper script would only start it.
pub(super) fn executable(dir: &Path) -> Option<PathBuf> {
    Some(
        dir.join("node_modules")
            .join(platform_package()?)
            .join("bin/anvil"),
    )
}

/// `package.json` of an installation.
pub(super) fn manifest() -> String {
    json!({ "private": true, "dependencies": dependencies() }).to_string()
}

/// `package-lock.json` of an installation: anvil's packages for every platform. `npm ci` takes the one that fits, and
/// fails if what it was sent has another hash than recorded here.
pub(super) fn lock() -> String {
    let mut packages = Map::new();
    packages.insert(String::new(), json!({ "dependencies": dependencies() }));
    packages.extend(locked());
    json!({ "lockfileVersion": 3, "requires": true, "packages": packages }).to_string()
}

/// The wrapper, and the package with the executable for this platform. The wrapper depends on it, too, but optionally:
/// npm says nothing where it leaves out an optional package because its hash is wrong.
fn dependencies() -> Map<String, Value> {
    let packages = [PACKAGE.to_owned()].into_iter().chain(platform_package());
    packages.map(|package| (package, PINNED_VERSION.into())).collect()
}

/// Anvil's packages in the lock file. There they are tools for development, which npm leaves out where it is told that
/// this is production; in an installation they are what is installed.
fn locked() -> Map<String, Value> {
    let lock: Value = serde_json::from_str(LOCK).unwrap_or_default();
    let packages = lock["packages"].as_object().cloned().unwrap_or_default();
    let name = format!("node_modules/{PACKAGE}");
    let mut ours: Map<String, Value> = packages
        .into_iter()
        .filter(|(path, _)| path.starts_with(&name))
        .collect();
    let required = platform_package().map(|package| format!("node_modules/{package}"));
    for (path, package) in &mut ours {
        let Some(package) = package.as_object_mut() else {
            continue;
        };
        package.remove("dev");
        if required.as_ref() == Some(path) {
            package.remove("optional");
        }
    }
    ours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_pinned_with_its_hash() {
        let lock: Value = serde_json::from_str(&lock()).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        for path in [PACKAGE.to_owned()].into_iter().chain(platform_package()) {
            assert!(packages.contains_key(&format!("node_modules/{path}")), "{path}");
        }
        for (path, package) in packages.iter().filter(|(path, _)| !path.is_empty()) {
            assert_eq!(package["version"], PINNED_VERSION, "{path}");
            assert!(
                package["integrity"].as_str().unwrap().starts_with("sha512-"),
                "{path}"
            );
        }
    }
}

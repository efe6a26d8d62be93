//! The packages that an installation consists of, with the hashes that npm verifies, from the project's own lock file.

use serde_json::{Map, Value, json};

use super::{PACKAGE, PINNED_VERSION};

/// The lock file of the project's JavaScript tools, of which anvil is one.
const LOCK: &str = include_str!("../../../package-lock.json");

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

fn dependencies() -> Value {
    json!({ PACKAGE: PINNED_VERSION })
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
    for (_, package) in &mut ours {
        if let Some(package) = package.as_object_mut() {
            package.remove("dev");
        }
    }
    ours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::anvil::native::platform_package;

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

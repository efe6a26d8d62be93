//! Paths that a profile names, relative to its file.

use std::path::{Path, PathBuf};

/// The folder of packages, which Node looks for in all folders above as well.
const PACKAGES: &str = "node_modules";

/// The file or folder that `named` means for a profile in `folder`.
pub(super) fn resolve(folder: &Path, named: &str) -> PathBuf {
    let beside = folder.join(named);
    let in_packages = Path::new(named)
        .components()
        .next()
        .is_some_and(|first| first.as_os_str() == PACKAGES);
    if beside.exists() || !in_packages {
        return beside;
    }
    let Ok(absolute) = std::path::absolute(folder) else {
        return beside;
    };
    let found = absolute
        .ancestors()
        .map(|above| above.join(named))
        .find(|path| path.exists());
    found.unwrap_or(beside)
}

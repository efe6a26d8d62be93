//! Artifacts that the pinned compiler makes of the reference contracts and of changed ones.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use taskstorm::{
    artifacts::Artifacts,
    protocol::{BuildError, ContractBuild, ContractNames},
};

use crate::support::{
    node,
    place::{Place, files},
};

const SCRIPT: &str = "tests/js/artifacts.mjs";

/// The folder that the script wrote; once for all tests, and again only where the script or a contract changed.
fn made() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let mut hashed = fs::read(node::root().join(SCRIPT)).expect("the script");
        for (name, content) in files(&node::root().join("contracts")) {
            hashed.extend(name.into_bytes());
            hashed.extend(content);
        }
        let name = format!("artifacts-{}", alloy::primitives::keccak256(hashed));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if !folder.is_dir() {
            let begun = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
            let output = node::run(SCRIPT, &[begun.path().to_str().expect("a path")]);
            assert!(output.status.success(), "{}", node::stderr(&output));
            // Whole at once: another process of tests may make it, too.
            if fs::rename(begun.path(), &folder).is_ok() {
                let _ = begun.keep();
            }
        }
        folder
    })
}

/// The path of some of the artifacts.
pub(super) fn artifacts(name: &str) -> PathBuf {
    made().join(name)
}

/// The same as an argument of a command line.
pub(crate) fn argument(name: &str) -> String {
    artifacts(name).to_str().expect("a path").to_owned()
}

/// A copy of a project that a test may change.
pub(super) fn copy(name: &str) -> Place {
    let place = Place::new();
    for (file, content) in files(&artifacts(name)) {
        place.write(&file, content);
    }
    place
}

/// The build that the artifacts at `path` hold.
pub(super) fn build(path: impl AsRef<Path>) -> Result<ContractBuild, BuildError> {
    let artifacts = Artifacts::open(path)?;
    ContractBuild::of(&artifacts, &ContractNames::default(), "test".to_owned())
}

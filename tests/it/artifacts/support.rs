//! Artifacts that the pinned compiler makes of the reference contracts and of changed ones.

use std::{
    collections::BTreeMap,
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

/// What a script writes that compiles these sources; once for all tests, and again only where the script or a source changed.
fn made(script: &str, sources: &Path) -> PathBuf {
    let mut hashed = fs::read(node::root().join(script)).expect("the script");
    for (name, content) in files(sources) {
        hashed.extend(name.into_bytes());
        hashed.extend(content);
    }
    let name = format!("artifacts-{}", alloy::primitives::keccak256(hashed));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if !folder.is_dir() {
        let begun = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let output = node::run(script, &[begun.path().to_str().expect("a path")]);
        assert!(output.status.success(), "{}", node::stderr(&output));
        // Whole at once: another process of tests may make it, too.
        if fs::rename(begun.path(), &folder).is_ok() {
            let _ = begun.keep();
        }
    }
    folder
}

/// The builds of the market by their files' names.
pub(super) fn markets() -> BTreeMap<String, Vec<u8>> {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    let sources = || node::root().join("tests/it/profiles/contracts");
    files(MADE.get_or_init(|| made("tests/js/markets.mjs", &sources())))
}

/// The path of some of the artifacts.
pub(super) fn artifacts(name: &str) -> PathBuf {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| made("tests/js/artifacts.mjs", &node::root().join("contracts")))
        .join(name)
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

//! A folder of a test's own.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use tempfile::TempDir;

/// A temporary folder, removed with the last that refers to it.
#[derive(Clone)]
pub(crate) struct Place(Arc<TempDir>);

impl Place {
    pub(crate) fn new() -> Self {
        Self(Arc::new(TempDir::new().expect("a temporary folder")))
    }

    /// A folder with one file.
    pub(crate) fn with(name: &str, text: &str) -> Self {
        let place = Self::new();
        place.write(name, text);
        place
    }

    /// The path of something in it; of the folder itself if the name is empty.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        // Without the separator that joining an empty name would leave.
        self.0.path().join(name).components().collect()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes a file, and the folders that it is in.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("its folders");
        fs::write(path, content).expect("it is written");
    }

    /// Changes a file in one place, which must be there.
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "no {from} in {text}");
        self.write(name, text.replacen(from, to, 1));
    }
}

/// Every file below `folder` by its path there, except for those that hold what the machine decides.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder").map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("host.json") {
                let name = path.strip_prefix(folder).expect("below it").display().to_string();
                found.insert(name, fs::read(path).expect("a file"));
            }
        }
    }
    found
}

/// Holds two folders to the same files; names the first line that differs.
#[track_caller]
pub(crate) fn assert_same(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, bytes) in one {
        let [one, other] = [bytes, &other[name]].map(|bytes| String::from_utf8_lossy(bytes));
        let differs = one
            .lines()
            .zip(other.lines())
            .position(|(one, other)| one != other);
        assert!(one == other, "{name} differs, first in line {differs:?}");
    }
}

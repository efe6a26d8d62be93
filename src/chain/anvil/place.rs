//! The places where anvil may be, in the order in which they are looked at.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::PINNED_VERSION;
use super::environment::Search;
use super::inspect::{Problem, Version, inspect};

/// A place where anvil may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The path given with `--anvil`.
    Argument,
    /// The variable `ANVIL`.
    Variable,
    /// A directory of `PATH`.
    Path,
    /// taskstorm's own cache.
    Cache,
}

impl Place {
    /// Whether the user named this place, so that no other may stand in for it.
    pub(super) fn is_binding(self) -> bool {
        matches!(self, Self::Argument | Self::Variable)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Argument => "--anvil",
            Self::Variable => "ANVIL",
            Self::Path => "PATH",
            Self::Cache => "cache",
        })
    }
}

/// An anvil that can be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Where it was found.
    pub place: Place,
    /// The executable.
    pub executable: PathBuf,
    /// Its version.
    pub version: Version,
    /// What the user should know about it: set when the version is not the pinned one.
    pub warning: Option<String>,
}

impl Found {
    pub(super) fn new(place: Place, executable: PathBuf, version: Version) -> Self {
        let warning = (!version.is_pinned()).then(|| {
            format!(
                "{} is anvil {version}; taskstorm is tested with {PINNED_VERSION}, so gas and speed may differ",
                executable.display()
            )
        });
        Self {
            place,
            executable,
            version,
            warning,
        }
    }
}

/// What one look at a place found.
#[derive(Debug, Serialize)]
pub struct Look {
    /// Where.
    pub place: Place,
    /// The file looked at; none when the place does not exist or holds no anvil.
    pub path: Option<PathBuf>,
    /// What it is.
    pub finding: Finding,
}

impl Look {
    /// Looks at a file, which may take `limit` to answer `--version`.
    pub(super) fn at(place: Place, path: Option<PathBuf>, limit: Duration) -> Self {
        let finding = match path.as_ref().map(|path| inspect(path, limit)) {
            None => Finding::Absent,
            Some(Ok(version)) => Finding::Usable { version },
            Some(Err(problem)) => Finding::Unusable { problem },
        };
        Self { place, path, finding }
    }
}

/// What a file that may be anvil turned out to be.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Finding {
    /// There is none.
    Absent,
    /// It cannot be used.
    Unusable {
        /// The reason.
        problem: Problem,
    },
    /// It answers `--version` as anvil does.
    Usable {
        /// Its version.
        version: Version,
    },
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        match &self.finding {
            Finding::Absent => f.write_str("no anvil there"),
            Finding::Unusable { problem } => write!(f, "{problem}"),
            Finding::Usable { version } => write!(f, "anvil {version}"),
        }
    }
}

/// Every file to look at, in order. `PATH` and the cache are there also without one.
pub(super) fn candidates(search: &Search) -> Vec<(Place, Option<PathBuf>)> {
    let environment = &search.environment;
    let named = [
        (Place::Argument, &search.explicit),
        (Place::Variable, &environment.anvil),
    ];
    let named = named.into_iter().filter_map(|(place, path)| {
        let path = environment.current_dir.join(path.as_ref()?);
        Some((place, Some(path)))
    });
    // `symlink_metadata`: a dangling link is something to tell the user about, not an absence.
    let is_there = |path: &PathBuf| path.symlink_metadata().is_ok();
    let on_path = environment.path_dirs().map(|dir| dir.join("anvil"));
    let on_path: Vec<_> = on_path.filter(is_there).map(Some).collect();
    let none_on_path = on_path.is_empty().then_some(None);
    let on_path = on_path.into_iter().chain(none_on_path);
    named
        .chain(on_path.map(|path| (Place::Path, path)))
        .chain([(Place::Cache, environment.cached_anvil().filter(is_there))])
        .collect()
}

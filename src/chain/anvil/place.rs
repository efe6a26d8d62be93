//! The places where anvil may be, in the order in which they are looked at.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::environment::Search;
use super::inspect::Version;
use super::native;

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
    /// `~/.foundry/bin`, where foundryup puts it.
    Foundry,
    /// `node_modules` of the current directory or of the scenario's.
    NodeModules,
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
            Self::Foundry => "~/.foundry/bin",
            Self::NodeModules => "node_modules",
            Self::Cache => "cache",
        })
    }
}

/// What one look at a place found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Look {
    /// Where.
    pub place: Place,
    /// The file looked at; none when the place does not exist or holds no anvil.
    pub path: Option<PathBuf>,
    /// What it is.
    pub finding: Finding,
}

/// What a file that may be anvil turned out to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Finding {
    /// There is none.
    Absent,
    /// It cannot be used.
    Unusable {
        /// The reason.
        problem: String,
    },
    /// It answers `--version` as anvil does.
    Usable {
        /// The native executable behind it.
        executable: PathBuf,
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
            Finding::Unusable { problem } => f.write_str(problem),
            Finding::Usable { executable, version } => {
                write!(f, "anvil {version}")?;
                if self.path.as_ref() != Some(executable) {
                    write!(f, " (runs {})", executable.display())?;
                }
                Ok(())
            }
        }
    }
}

/// Every file to look at, in order. A place with none is there too, without a path.
pub(super) fn candidates(search: &Search) -> Vec<(Place, Option<PathBuf>)> {
    let environment = &search.environment;
    let mut candidates = Vec::new();
    for (place, path) in [
        (Place::Argument, &search.explicit),
        (Place::Variable, &environment.anvil),
    ] {
        if let Some(path) = path {
            candidates.push((place, Some(environment.absolute(path))));
        }
    }
    let on_path = environment.path_dirs().into_iter().map(|dir| dir.join("anvil"));
    push_existing(&mut candidates, Place::Path, on_path);
    let foundry = environment
        .home
        .iter()
        .map(|home| home.join(".foundry/bin/anvil"));
    push_existing(&mut candidates, Place::Foundry, foundry);
    // Not those above: a directory above a project may be anyone's.
    let modules = environment
        .project_dirs()
        .into_iter()
        .map(|dir| dir.join("node_modules"));
    push_existing(
        &mut candidates,
        Place::NodeModules,
        modules.flat_map(|modules| native::in_node_modules(&modules)),
    );
    let cached = environment.pinned_dir().map(|dir| dir.join("node_modules"));
    push_existing(
        &mut candidates,
        Place::Cache,
        cached
            .into_iter()
            .flat_map(|modules| native::in_node_modules(&modules)),
    );
    candidates
}

fn push_existing(
    candidates: &mut Vec<(Place, Option<PathBuf>)>,
    place: Place,
    paths: impl Iterator<Item = PathBuf>,
) {
    let before = candidates.len();
    // `symlink_metadata`: a dangling link is something to tell the user about, not an absence.
    candidates.extend(
        paths
            .filter(|path| path.symlink_metadata().is_ok())
            .map(|path| (place, Some(path))),
    );
    if candidates.len() == before {
        candidates.push((place, None));
    }
}

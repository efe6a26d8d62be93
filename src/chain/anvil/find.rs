//! Deciding which anvil to run.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::environment::{Install, Search};
use super::error::{Error, NotInstalled};
use super::inspect::{Inspected, Problem, Version, inspect};
use super::place::{Finding, Look, Place, candidates};
use super::{PINNED_VERSION, install};

/// An anvil that can be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Where it was found.
    pub place: Place,
    /// The native executable.
    pub executable: PathBuf,
    /// Its version.
    pub version: Version,
    /// What the user should know about it: set when the version is not the pinned one.
    pub warning: Option<String>,
}

impl Found {
    pub(super) fn new(place: Place, inspected: Inspected) -> Self {
        let Inspected { executable, version } = inspected;
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

/// Finds anvil, or installs it when that is allowed and there is none.
///
/// The order is: the explicit path, `ANVIL`, `PATH`, `~/.foundry/bin`, `node_modules` of the current directory and
/// of the scenario's, the cache, and at last an installation into the cache. Blocks: for milliseconds as a rule, for
/// as long as npm needs when it installs. `notify` gets the lines that a user should see on stderr.
///
/// # Errors
/// [`Error::Unusable`] when the explicit path or `ANVIL` names no anvil: nothing else is tried then.
/// [`Error::NotFound`] when there is none and none may or can be installed, [`Error::Install`] when that failed.
pub fn find(search: &Search, notify: &dyn Fn(&str)) -> Result<Found, Error> {
    let mut looked = Vec::new();
    for (place, path) in candidates(search) {
        let Some(path) = path else {
            looked.push(Look {
                place,
                path: None,
                finding: Finding::Absent,
            });
            continue;
        };
        match inspect(&path, search.version_timeout) {
            Ok(inspected) => return Ok(Found::new(place, inspected)),
            Err(problem) if place.is_binding() => return Err(unusable(place, path, problem)),
            Err(problem) => looked.push(failed_look(place, path, &problem)),
        }
    }
    let not_installed = match search.install {
        Install::Forbidden => NotInstalled::Forbidden,
        Install::Allowed => match install::installer(search) {
            Ok(installer) => return installer.install(notify),
            Err(reason) => reason,
        },
    };
    Err(Error::NotFound {
        looked,
        not_installed,
    })
}

/// Looks at every place, also behind the first that has an anvil.
pub(super) fn survey(search: &Search) -> Vec<Look> {
    let look = |(place, path): (Place, Option<PathBuf>)| match path {
        None => Look {
            place,
            path: None,
            finding: Finding::Absent,
        },
        Some(path) => match inspect(&path, search.version_timeout) {
            Ok(Inspected { executable, version }) => Look {
                place,
                path: Some(path),
                finding: Finding::Usable { executable, version },
            },
            Err(problem) => failed_look(place, path, &problem),
        },
    };
    candidates(search).into_iter().map(look).collect()
}

fn failed_look(place: Place, path: PathBuf, problem: &Problem) -> Look {
    Look {
        place,
        path: Some(path),
        finding: Finding::Unusable {
            problem: problem.to_string(),
        },
    }
}

fn unusable(place: Place, path: impl AsRef<Path>, problem: Problem) -> Error {
    Error::Unusable {
        place,
        path: path.as_ref().to_path_buf(),
        problem,
    }
}

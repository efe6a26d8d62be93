//! Deciding which anvil to run.

use std::path::PathBuf;

use serde::Serialize;

use super::environment::{Install, Search};
use super::error::{Error, NotInstalled};
use super::inspect::Version;
use super::place::{Finding, Look, Place, candidates};
use super::{PINNED_VERSION, install};

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

/// Finds anvil, or installs it when that is allowed and there is none.
///
/// The order is: the explicit path, `ANVIL`, `PATH`, the cache, and at last an installation into the cache. Blocks: for
/// milliseconds as a rule, for as long as npm needs when it installs. `notify` gets the lines that a user should see on
/// stderr.
///
/// # Errors
/// [`Error::Unusable`] when the explicit path or `ANVIL` names no anvil: nothing else is tried then.
/// [`Error::NotFound`] when there is none and none may or can be installed, [`Error::Install`] when that failed.
pub fn find(search: &Search, notify: &dyn Fn(&str)) -> Result<Found, Error> {
    let mut looked = Vec::new();
    for (place, path) in candidates(search) {
        let look = Look::at(place, path, search.version_timeout);
        match (look.path, look.finding) {
            (Some(path), Finding::Usable { version }) => return Ok(Found::new(place, path, version)),
            (Some(path), Finding::Unusable { problem }) if place.is_binding() => {
                return Err(Error::Unusable { place, path, problem });
            }
            (path, finding) => looked.push(Look { place, path, finding }),
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

//! Deciding which anvil to run.

use super::environment::{Install, Search};
use super::error::{Error, NotInstalled};
use super::install;
use super::place::{Finding, Found, Look, candidates};

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

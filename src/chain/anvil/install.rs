//! Installing the pinned anvil into the cache, with npm, which verifies it against the hashes in our lock file.
//!
//! The installation is made in a directory of its own beside the final one and renamed into place when it is
//! complete, so that neither a crash nor a second taskstorm doing the same leaves a half-made one behind.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::command::{self, Finished};
use super::environment::Search;
use super::error::{Error, NotInstalled};
use super::inspect::inspect;
use super::place::{Found, Place};
use super::{PACKAGE, PINNED_VERSION, package};

/// How long npm may take: 45 MB over a slow line, not for ever.
const NPM_LIMIT: Duration = Duration::from_secs(300);
/// Work directories older than this were left behind by a process that was killed.
const STALE_AFTER: Duration = Duration::from_secs(24 * 3600);
const WORK_PREFIX: &str = ".installing-";

/// Everything that an installation needs, found to be there.
pub(super) struct Installer<'a> {
    search: &'a Search,
    npm: PathBuf,
    cache: PathBuf,
    target: PathBuf,
}

/// Says whether an installation is possible here.
pub(super) fn installer(search: &Search) -> Result<Installer<'_>, NotInstalled> {
    let environment = &search.environment;
    if package::platform_package().is_none() {
        return Err(NotInstalled::NoPackageForPlatform);
    }
    let npm = environment.on_path("npm").ok_or(NotInstalled::NoNpm)?;
    let (Some(cache), Some(target)) = (environment.cache.clone(), environment.pinned_dir()) else {
        return Err(NotInstalled::NoCache);
    };
    Ok(Installer {
        search,
        npm,
        cache,
        target,
    })
}

impl Installer<'_> {
    /// Installs the pinned version and finds it where it was put.
    pub(super) fn install(&self, notify: &dyn Fn(&str)) -> Result<Found, Error> {
        let target = self.target.display();
        notify(&format!(
            "anvil was not found: installing {PACKAGE} {PINNED_VERSION} with npm into {target}"
        ));
        let began = Instant::now();
        fs::create_dir_all(&self.cache).map_err(|error| self.failed(&error))?;
        sweep(&self.cache);
        let work = work_dir(&self.cache).map_err(|error| self.failed(&error))?;
        self.npm_install(work.path())?;
        self.check(work.path())?;
        self.move_into_place(work.path())?;
        let found = self.check(&self.target)?;
        notify(&format!(
            "installed anvil {} in {:.0?}",
            found.version,
            began.elapsed()
        ));
        Ok(found)
    }

    fn npm_install(&self, dir: &Path) -> Result<(), Error> {
        for (file, text) in [
            ("package.json", package::manifest()),
            ("package-lock.json", package::lock()),
        ] {
            fs::write(dir.join(file), text).map_err(|error| self.failed(&error))?;
        }
        let mut npm = Command::new(&self.npm);
        // The executable comes as an optional package; the install script would only look whether it did.
        npm.arg("ci").arg("--prefix").arg(dir);
        npm.args([
            "--global=false",
            "--include=prod",
            "--include=optional",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ]);
        npm.args([
            "--no-update-notifier",
            "--loglevel=error",
            "--fetch-retries=2",
            "--fetch-timeout=60000",
        ]);
        npm.current_dir(dir).stdin(Stdio::null());
        if let Some(path) = &self.search.environment.path {
            npm.env("PATH", path);
        }
        match command::run(npm, NPM_LIMIT) {
            Ok(Some(Finished { status, .. })) if status.success() => Ok(()),
            Ok(Some(Finished { status, output })) => {
                Err(self.failed(&format!("npm ended with {status}\n{}", output.trim_end())))
            }
            Ok(None) => Err(self.failed(&format!("npm took longer than {} s", NPM_LIMIT.as_secs()))),
            Err(error) => Err(self.failed(&format!("{} does not run: {error}", self.npm.display()))),
        }
    }

    /// The anvil in an installation, proven to run.
    fn check(&self, dir: &Path) -> Result<Found, Error> {
        let path = package::executable(dir).unwrap_or_else(|| dir.to_owned());
        match inspect(&path, self.search.version_timeout) {
            Ok(version) => Ok(Found::new(Place::Cache, path, version)),
            Err(problem) => Err(self.failed(&format!("{}: {problem}", path.display()))),
        }
    }

    /// Renames the complete installation; when another process was first, theirs stays if it works.
    fn move_into_place(&self, work: &Path) -> Result<(), Error> {
        if fs::rename(work, &self.target).is_ok() || self.check(&self.target).is_ok() {
            return Ok(());
        }
        // What is there does not work: it goes aside, in a directory of its own, and away.
        let broken = work_dir(&self.cache).map_err(|error| self.failed(&error))?;
        let _ = fs::rename(&self.target, broken.path().join("broken"));
        match fs::rename(work, &self.target) {
            Err(error) if self.check(&self.target).is_err() => Err(self.failed(&error)),
            _ => Ok(()),
        }
    }

    fn failed(&self, reason: &dyn std::fmt::Display) -> Error {
        Error::Install {
            target: self.target.clone(),
            reason: reason.to_string(),
        }
    }
}

/// A directory beside the final one, which is removed again whatever happens, unless it was renamed before.
fn work_dir(cache: &Path) -> io::Result<TempDir> {
    // As any directory of the user's: the cache may be shared.
    let permissions = fs::Permissions::from_mode(0o777);
    tempfile::Builder::new()
        .prefix(WORK_PREFIX)
        .permissions(permissions)
        .tempdir_in(cache)
}

/// Removes work directories that nobody can still be using.
fn sweep(cache: &Path) {
    let Ok(entries) = fs::read_dir(cache) else { return };
    for entry in entries.flatten() {
        let is_work = entry.file_name().to_string_lossy().starts_with(WORK_PREFIX);
        let age = entry
            .metadata()
            .and_then(|m| m.modified())
            .ok()
            .and_then(|time| time.elapsed().ok());
        if is_work && age.is_some_and(|age| age > STALE_AFTER) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

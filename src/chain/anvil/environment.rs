//! Inputs of the search for anvil: command-line options and the process environment.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::{PINNED_VERSION, package};

/// The surroundings that decide where anvil may be. Passed in, so that a test states its own.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The variable `ANVIL`, when set and not empty.
    pub anvil: Option<PathBuf>,
    /// The variable `PATH`.
    pub path: Option<OsString>,
    /// The current directory, from which relative paths are taken.
    pub current_dir: PathBuf,
    /// The tool's own cache directory, if one can be named.
    pub cache: Option<PathBuf>,
}

impl Environment {
    /// Reads the surroundings of this process.
    ///
    /// The cache is `$TASKSTORM_CACHE`, else `$XDG_CACHE_HOME/taskstorm`, else `~/.cache/taskstorm`.
    ///
    /// # Errors
    /// When the current directory cannot be told.
    pub fn of_process() -> io::Result<Self> {
        let current_dir = env::current_dir()?;
        let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
        let cache = variable("TASKSTORM_CACHE")
            .map(|cache| current_dir.join(cache))
            .or_else(|| {
                // A relative XDG_CACHE_HOME is to be ignored, says the XDG specification.
                let xdg = variable("XDG_CACHE_HOME").map(PathBuf::from);
                Some(xdg.filter(|xdg| xdg.is_absolute())?.join("taskstorm"))
            })
            .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".cache/taskstorm")));
        Ok(Self {
            anvil: variable("ANVIL").map(PathBuf::from),
            path: variable("PATH"),
            current_dir,
            cache,
        })
    }

    /// Where the pinned version lives in the cache.
    pub(super) fn pinned_dir(&self) -> Option<PathBuf> {
        Some(self.cache.as_ref()?.join(format!("anvil-{PINNED_VERSION}")))
    }

    /// The pinned version's executable in the cache, whether it is there or not.
    pub(super) fn cached_anvil(&self) -> Option<PathBuf> {
        package::executable(&self.pinned_dir()?)
    }

    /// The directories of `PATH`, in order; relative ones are taken from the current directory.
    pub(super) fn path_dirs(&self) -> impl Iterator<Item = PathBuf> {
        let dirs = self.path.iter().flat_map(env::split_paths);
        dirs.filter(|dir| !dir.as_os_str().is_empty())
            .map(|dir| self.current_dir.join(dir))
    }

    /// The first file of that name on `PATH`, executable or not.
    pub(super) fn on_path(&self, name: &str) -> Option<PathBuf> {
        self.path_dirs()
            .map(|dir| dir.join(name))
            .find(|file| file.is_file())
    }
}

/// Whether a search may install anvil when it finds none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Install {
    /// Install the pinned version into the cache, with npm.
    #[default]
    Allowed,
    /// `--no-install`: change nothing on this machine.
    Forbidden,
}

/// A search for anvil: what was asked for, and the surroundings.
#[derive(Clone, Debug)]
pub struct Search {
    /// The path given with `--anvil`; nothing else is looked at then.
    pub explicit: Option<PathBuf>,
    /// Whether a missing anvil may be installed.
    pub install: Install,
    /// Where to look.
    pub environment: Environment,
    /// How long an executable may take to answer `--version`.
    pub version_timeout: Duration,
}

impl Search {
    /// A search of these surroundings with nothing asked for on the command line.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Self {
            explicit: None,
            install: Install::default(),
            environment,
            version_timeout: Duration::from_secs(10),
        }
    }
}

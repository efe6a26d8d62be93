//! A made-up machine: a directory with fake executables, and a search that sees nothing but it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use taskstorm::chain::anvil::{Environment, Error, Found, Install, PINNED_VERSION, Search, find};
use tempfile::TempDir;

/// npm's package with the executable for this platform.
pub(super) fn platform_package() -> String {
    let system = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        "linux"
    };
    let processor = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "amd64"
    };
    format!("@foundry-rs/anvil-{system}-{processor}")
}

/// The root of a made-up machine, removed at the end.
pub(super) struct Machine {
    root: TempDir,
}

impl Machine {
    pub(super) fn new() -> Self {
        let machine = Self {
            root: TempDir::new().expect("a temporary directory"),
        };
        for dir in ["bin", "other-bin", "project", "cache"] {
            fs::create_dir_all(machine.path(dir)).expect("a directory");
        }
        machine
    }

    pub(super) fn path(&self, relative: &str) -> PathBuf {
        self.root.path().canonicalize().expect("it exists").join(relative)
    }

    /// Writes an executable shell script.
    pub(super) fn script(&self, relative: &str, body: &str) -> PathBuf {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("permissions");
        path
    }

    /// A fake that answers `--version` as anvil does.
    pub(super) fn anvil(&self, relative: &str) -> PathBuf {
        self.anvil_of_version(relative, PINNED_VERSION)
    }

    pub(super) fn anvil_of_version(&self, relative: &str, version: &str) -> PathBuf {
        self.script(relative, &format!("echo 'anvil Version: {version}'"))
    }

    /// The platform package's executable.
    pub(super) fn native(&self, modules: &str) -> PathBuf {
        self.anvil(&format!("{modules}/{}/bin/anvil", platform_package()))
    }

    /// A search of this machine alone, which installs nothing.
    pub(super) fn search(&self) -> Search {
        let path = std::env::join_paths([self.path("bin"), self.path("other-bin")]).expect("a PATH");
        Search {
            install: Install::Forbidden,
            ..Search::new(Environment {
                anvil: None,
                path: Some(path),
                current_dir: self.path("project"),
                cache: Some(self.path("cache")),
            })
        }
    }

    /// A message with this machine's own paths, times and platform taken out.
    pub(super) fn redact(&self, message: &str) -> String {
        message
            .replace(&self.path("").display().to_string(), "[machine]/")
            .replace(&platform_package(), "@foundry-rs/anvil-[platform]")
    }
}

/// A search whose lines for the user nobody reads.
pub(super) fn quietly(search: &Search) -> Result<Found, Error> {
    find(search, &|_| ())
}

/// A search that gives a hanging executable little time.
pub(super) fn impatient(search: Search) -> Search {
    Search {
        version_timeout: Duration::from_millis(300),
        ..search
    }
}

/// A search for exactly this file.
pub(super) fn explicit(search: Search, path: impl AsRef<Path>) -> Search {
    Search {
        explicit: Some(path.as_ref().to_path_buf()),
        ..search
    }
}

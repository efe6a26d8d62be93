//! The folder that describes a devnet to its clients: `deployment.json`, and the contracts' ABIs beside it.

use std::{
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::deployment::{ABI_FOLDER, Deployment};
use crate::files::{replace, write_whole};

const DEPLOYMENT: &str = "deployment.json";

/// The folder cannot take a devnet's files.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to {}: {cause}; choose another folder with --out", path.display())]
pub struct FolderError {
    path: PathBuf,
    cause: io::Error,
}

/// A folder for a devnet's files.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes a folder, and those above it, and writes these artifacts of contracts, by name, to `abi/` in it.
    ///
    /// A `deployment.json` of a devnet that no longer runs is removed, so that nobody takes it for this one's. That of a
    /// devnet that runs stays until this one is ready.
    ///
    /// # Errors
    /// If anything of that cannot be written.
    pub fn create(path: impl Into<PathBuf>, artifacts: &[(String, String)]) -> Result<Self, FolderError> {
        let folder = Self(path.into());
        let abi = folder.0.join(ABI_FOLDER);
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |cause| FolderError { path, cause }
        };
        fs::create_dir_all(&abi).map_err(failed(&abi))?;
        for (name, artifact) in artifacts {
            let path = abi.join(name).with_extension("json");
            write_whole(&path, artifact.as_bytes()).map_err(failed(&path))?;
        }
        let deployment = folder.deployment();
        folder.remove_stale().map_err(failed(&deployment))?;
        Ok(folder)
    }

    /// Removes a `deployment.json` that nobody holds.
    fn remove_stale(&self) -> io::Result<()> {
        let _turn = self.turn();
        let path = self.deployment();
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => opened?,
        };
        match file.try_lock() {
            Ok(()) => fs::remove_file(&path),
            Err(TryLockError::WouldBlock) => {
                tracing::warn!(
                    "{} is of a devnet that is running; it will be replaced when this one is ready",
                    path.display()
                );
                Ok(())
            }
            Err(TryLockError::Error(error)) => {
                tracing::debug!("{} cannot be locked: {error}", path.display());
                Ok(())
            }
        }
    }

    /// Waits for other devnets that replace or remove `deployment.json` in this folder at this moment, and keeps them
    /// from it until it is dropped. Where the file system has no locks it does neither.
    fn turn(&self) -> Option<File> {
        let folder = File::open(self.0.join(ABI_FOLDER)).ok()?;
        folder.lock().is_ok().then_some(folder)
    }

    /// Where the description of a devnet is, while there is one.
    #[must_use]
    pub fn deployment(&self) -> PathBuf {
        self.0.join(DEPLOYMENT)
    }

    /// Writes `deployment.json`, whole at once, in the place of any other.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn publish(&self, deployment: &Deployment) -> Result<Published, FolderError> {
        let path = self.deployment();
        let _turn = self.turn();
        let written = serde_json::to_string_pretty(deployment)
            .map_err(io::Error::from)
            .and_then(|text| replace(&path, (text + "\n").as_bytes()));
        let file = match written {
            Ok(file) => file,
            Err(cause) => return Err(FolderError { path, cause }),
        };
        if let Err(error) = file.try_lock() {
            tracing::debug!("{} cannot be locked: {error}", path.display());
        }
        let folder = Self(self.0.clone());
        Ok(Published { folder, file })
    }
}

/// A `deployment.json` that is there for as long as this is: dropping it removes the file, unless another devnet has
/// replaced it by then.
#[derive(Debug)]
pub struct Published {
    folder: Folder,
    /// The file that was written. It is locked, which shows others that its devnet runs: the system unlocks it when the
    /// process ends, however it ends. While it is open no other file can have its inode number.
    file: File,
}

impl Drop for Published {
    fn drop(&mut self) {
        let _turn = self.folder.turn();
        let path = self.folder.deployment();
        let identity = |found: fs::Metadata| (found.dev(), found.ino());
        let (Ok(own), Ok(there)) = (self.file.metadata(), fs::symlink_metadata(&path)) else {
            return;
        };
        if identity(own) == identity(there) {
            let _ = fs::remove_file(&path);
        }
    }
}

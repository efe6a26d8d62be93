//! The lock of a sweep's folder: two sweeps in one folder would mix their rows.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use super::SweepError;
use crate::run_folder::RunDirError;

/// Holds a folder for this process alone. The system lets go of it when the process ends, however it ends: no file is
/// left that a later sweep would have to look behind.
#[derive(Debug)]
pub(super) struct FolderLock {
    /// The folder itself, open; `None` where its file system has no locks.
    _held: Option<File>,
}

impl FolderLock {
    /// Takes the folder, which must be there.
    ///
    /// # Errors
    /// If another sweep has it, or if it cannot be opened.
    pub(super) fn take(folder: &Path) -> Result<Self, SweepError> {
        let path = folder.to_owned();
        let file = match File::open(folder) {
            Ok(file) => file,
            Err(cause) => return Err(RunDirError::Unwritable { path, cause }.into()),
        };
        match file.try_lock() {
            Ok(()) => Ok(Self { _held: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(SweepError::InUse { path }),
            Err(TryLockError::Error(error)) => {
                tracing::debug!("{} cannot be locked: {error}", path.display());
                Ok(Self { _held: None })
            }
        }
    }
}

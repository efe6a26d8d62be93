//! The folder that tells clients of a devnet: `deployment.json`, and the contracts' ABIs beside it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::Deployment;
use crate::{files::write_whole, protocol::ARTIFACTS};

/// The folder of the ABIs in it.
pub(super) const ABI_FOLDER: &str = "abi";
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
    /// Makes a folder, and those above it, and writes the contracts' artifacts to `abi/` in it.
    ///
    /// A `deployment.json` that is there stays: it may be of a devnet that is running.
    ///
    /// # Errors
    /// If anything of that cannot be written.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, FolderError> {
        let folder = Self(path.into());
        let abi = folder.0.join(ABI_FOLDER);
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |cause| FolderError { path, cause }
        };
        fs::create_dir_all(&abi).map_err(failed(&abi))?;
        for (name, artifact) in ARTIFACTS {
            let path = abi.join(name).with_extension("json");
            write_whole(&path, artifact.as_bytes()).map_err(failed(&path))?;
        }
        Ok(folder)
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
        let written = serde_json::to_string_pretty(deployment)
            .map_err(io::Error::from)
            .map(|text| text + "\n")
            .and_then(|text| write_whole(&path, text.as_bytes()).map(|()| text));
        match written {
            Ok(text) => Ok(Published { path, text }),
            Err(cause) => Err(FolderError { path, cause }),
        }
    }
}

/// A `deployment.json` that is there for as long as this is: dropping it removes the file, unless another devnet has
/// replaced it by then.
#[derive(Debug)]
pub struct Published {
    path: PathBuf,
    text: String,
}

impl Drop for Published {
    fn drop(&mut self) {
        if fs::read_to_string(&self.path).is_ok_and(|text| text == self.text) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

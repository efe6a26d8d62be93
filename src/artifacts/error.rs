//! Errors of reading artifacts.

use std::path::PathBuf;

use thiserror::Error;

use super::LibraryName;
use crate::input::InputError;

/// A contract cannot be taken from its artifacts. [`ArtifactsError::help`] says what to do about it.
#[derive(Debug, Error)]
pub enum ArtifactsError {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// A file is not an artifact of a known layout.
    #[error("{} is not a contract artifact: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// A folder holds no artifacts at all.
    #[error("{} holds no contract artifacts", .0.display())]
    Empty(
        /// The folder.
        PathBuf,
    ),
    /// A project's root has folders of artifacts of both Foundry and Hardhat.
    #[error("{} has artifacts of both Foundry and Hardhat: {} and {}", root.display(), both[0].display(), both[1].display())]
    TwoLayouts {
        /// The project's root.
        root: PathBuf,
        /// The two folders.
        both: [PathBuf; 2],
    },
    /// A folder holds more than is searched.
    #[error("{} holds more than {most} files", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// Most files that are looked at.
        most: usize,
    },
    /// No artifact is of this contract.
    #[error("{} has no contract {name}", path.display())]
    Missing {
        /// The contract.
        name: String,
        /// Where it was looked for.
        path: PathBuf,
        /// Contracts that are there, the most similar first.
        similar: Vec<String>,
    },
    /// Several artifacts are of a contract with this name.
    #[error("{name} is ambiguous: {}", .candidates.join(" and "))]
    Ambiguous {
        /// The name.
        name: String,
        /// The artifacts, each as it can be asked for.
        candidates: Vec<String>,
    },
    /// The contract has no bytecode.
    #[error("{name} in {} has no bytecode: it is abstract, an interface, or was compiled for its ABI only", path.display())]
    NoCode {
        /// The contract.
        name: String,
        /// The artifact.
        path: PathBuf,
    },
    /// Libraries have no address to link.
    #[error("{name} needs {} linked: {}", if libraries.len() == 1 { "a library" } else { "libraries" }, listed(libraries))]
    Unlinked {
        /// The contract.
        name: String,
        /// The libraries without an address.
        libraries: Vec<LibraryName>,
    },
}

impl ArtifactsError {
    /// The remedy.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Unreadable { .. } => {
                "give a folder of artifacts (Foundry's out/, Hardhat's artifacts/), a project's root, or a file".to_owned()
            }
            Self::Invalid { .. } => {
                "give an artifact of Foundry or Hardhat, or solc's standard JSON output with abi and evm.bytecode".to_owned()
            }
            Self::Empty(_) => "compile the project first: forge build, or npx hardhat compile".to_owned(),
            Self::TwoLayouts { both, .. } => format!("give one of them: {}", both[0].display()),
            Self::TooMany { .. } => "give the folder of artifacts itself, not one above it".to_owned(),
            Self::Missing { similar, .. } if similar.is_empty() => {
                "compile the project first, or give the folder that holds the contract's artifact".to_owned()
            }
            Self::Missing { similar, .. } => format!("it has {}", similar.join(", ")),
            Self::Ambiguous { candidates, .. } => {
                let first = candidates.first().map_or("path/X.sol:X", String::as_str);
                format!("name one of them, such as \"{first}\"")
            }
            Self::NoCode { .. } => "name a contract that can be deployed".to_owned(),
            Self::Unlinked { .. } => "put the artifacts of the libraries beside the contract's".to_owned(),
        }
    }

    /// The error of a file that the system or its size keeps from being read.
    pub(super) fn unreadable(path: impl Into<PathBuf>, error: impl Into<InputError>) -> Self {
        Self::Unreadable {
            path: path.into(),
            reason: error.into().to_string(),
        }
    }
}

fn listed(libraries: &[LibraryName]) -> String {
    let names: Vec<String> = libraries.iter().map(ToString::to_string).collect();
    names.join(", ")
}

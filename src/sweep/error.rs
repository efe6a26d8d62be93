//! Errors of a sweep.

use std::{io, path::PathBuf};

use super::Grid;
use crate::{
    run_folder::{ExportError, ReadError, RunDirError},
    scenario::ScenarioError,
};

/// A sweep cannot begin, or not end.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// A key is varied twice.
    #[error("{0} is varied twice; give all of its values to one --vary")]
    VariedTwice(String),
    /// There are too many combinations.
    #[error("the sweep would have {0} cells, and at most {max} are allowed; vary fewer values, or sweep in parts", max = Grid::MAX_CELLS)]
    TooManyCells(u128),
    /// A cell is not a valid scenario.
    #[error(transparent)]
    Scenario(Box<ScenarioError>),
    /// Two cells are the same run.
    #[error(
        "cells {first} and {second} are the same run ({values}); vary something that makes a difference, and each key under one name"
    )]
    SameRun {
        /// The first, from 1.
        first: usize,
        /// The second, from 1.
        second: usize,
        /// What the second is set to.
        values: String,
    },
    /// The folder cannot take the sweep.
    #[error(transparent)]
    Folder(#[from] RunDirError),
    /// Another sweep writes to the folder now.
    #[error(
        "another sweep is writing to {}; wait for its end, or stop it and give the same command again to resume it, or choose another folder with --out", path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds another sweep.
    #[error(
        "{} holds another sweep: {what}; give the same command to resume that one, or choose another folder with --out", path.display()
    )]
    OtherSweep {
        /// The folder.
        path: PathBuf,
        /// In what it differs.
        what: String,
    },
    /// What the folder says of its sweep cannot be read.
    #[error("cannot read {}: {cause}; choose another folder with --out, or remove this one", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// The scenario file or its data files changed while the sweep ran.
    #[error(
        "the scenario was changed while the sweep ran, at cell {0}; give the new one another folder with --out"
    )]
    Changed(usize),
    /// A cell's files cannot be read back.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] ExportError),
    /// A file or folder of a cell that was not finished could not be removed.
    #[error("cannot remove {}: {cause}", path.display())]
    Remove {
        /// The folder.
        path: PathBuf,
        /// The error of the system.
        cause: io::Error,
    },
}

impl From<ScenarioError> for SweepError {
    fn from(error: ScenarioError) -> Self {
        Self::Scenario(Box::new(error))
    }
}

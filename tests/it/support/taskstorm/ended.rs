//! A taskstorm process that ended.

use std::{path::PathBuf, time::Duration};

use serde_json::Value;

use crate::support::{folder::Folder, place::Place};

pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// How long it took from when it was waited for.
    pub(crate) waited: Duration,
    pub(super) place: Place,
}

impl Ended {
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// The folder with the files of a run.
    pub(crate) fn out(&self) -> PathBuf {
        self.place.path("out")
    }

    /// What stdout holds as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// What is in the files of a run. Whatever ended it, they hold what was measured, and are consistent.
    pub(crate) fn folder(&self) -> Folder {
        Folder::read(&self.out())
    }

    /// The files of a run that completed.
    pub(crate) fn success(&self) -> Folder {
        assert_eq!(self.code, Some(0), "{}\n{}", self.stdout, self.stderr);
        let folder = self.folder();
        assert!(folder.result.complete);
        folder
    }
}

//! The file for CI systems, tried before the run so that a bad path fails first.

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::{Exit, Failure};
use crate::{files::write_whole, report::junit};

/// A file that JUnit XML will be written to.
#[derive(Debug)]
pub(super) struct JunitFile(PathBuf);

/// The file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write JUnit XML to {}: {cause}; choose another file with --junit", path.display())]
struct Unwritable {
    path: PathBuf,
    cause: io::Error,
}

impl JunitFile {
    /// Makes sure that the file can be written. One that was not there is not there afterwards.
    pub(super) fn try_at(path: PathBuf) -> Result<Self, Failure> {
        let was_there = path.exists();
        let opened = OpenOptions::new().append(true).create(true).open(&path);
        match opened {
            Ok(_) if was_there => {}
            Ok(_) => drop(fs::remove_file(&path)),
            Err(cause) => return Err(Failure::plain(Exit::Usage, Unwritable { path, cause })),
        }
        Ok(Self(path))
    }

    /// Writes these suites.
    pub(super) fn write(&self, suites: &[junit::Suite]) -> Result<(), Failure> {
        let Self(path) = self;
        let written = junit::junit_xml(suites).and_then(|xml| write_to(path, xml.as_bytes()));
        written.map_err(|cause| {
            let path = path.clone();
            Failure::plain(Exit::Failed, Unwritable { path, cause })
        })
    }
}

/// A device or a pipe (`/dev/stderr`, `>(…)`) is written to; a file is replaced as a whole.
fn write_to(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match path.metadata() {
        Ok(found) if !found.is_file() => fs::write(path, bytes),
        _ => write_whole(path, bytes),
    }
}

//! The folder of a run, made before the run so that a bad path fails first.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use thiserror::Error;

use super::{
    ExportError, FinishedRun, HOST_JSON, Host, SCENARIO_TOML, exporter::EXPORTERS, json_document, write_file,
};
use crate::{
    record::{BLOCKS_CSV, Journal, TASKS_CSV, TRANSACTIONS_CSV},
    scenario::Scenario,
};

/// Files that grow while a run goes on.
const JOURNAL_FILES: [&str; 3] = [TRANSACTIONS_CSV, TASKS_CSV, BLOCKS_CSV];
/// Where runs go if nobody says otherwise.
const REPORTS: &str = "reports";

/// A folder cannot take a run's files.
#[derive(Debug, Error)]
pub enum RunDirError {
    /// Its path leads to something else.
    #[error("cannot write results to {}: it is not a folder; choose another with --out", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// It holds a run already, whose files would be lost.
    #[error(
        "{} already holds a run ({file}); choose another folder with --out, or move or remove this one",
        path.display()
    )]
    HoldsARun {
        /// The folder.
        path: PathBuf,
        /// The file that shows it.
        file: &'static str,
    },
    /// It or a file in it could not be created.
    #[error("cannot write results to {}: {cause}; choose another folder with --out", path.display())]
    Unwritable {
        /// The folder or file.
        path: PathBuf,
        /// The error of the system.
        cause: io::Error,
    },
}

/// A folder that a run writes to, with the files open that grow while it goes on.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
    created: bool,
    journal: Option<[File; 3]>,
    /// The files that the run is made from.
    inputs: Vec<PathBuf>,
}

impl RunDir {
    /// Makes a folder, and those above it, and opens the files in it that grow while the run goes on.
    ///
    /// # Errors
    /// If the path is no folder, if files of a run are there already, or if nothing can be written there.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, RunDirError> {
        let path = path.into();
        let created = Self::make(&path)?;
        Self::open(path, created)
    }

    /// Makes a folder, and those above it; returns whether it was not there.
    ///
    /// # Errors
    /// If the path is no folder, or if it cannot be made.
    pub(crate) fn make(path: &Path) -> Result<bool, RunDirError> {
        let missing = !path.exists();
        let path = path.to_owned();
        if !missing && !path.is_dir() {
            return Err(RunDirError::NotAFolder { path });
        }
        match fs::create_dir_all(&path) {
            Ok(()) => Ok(missing),
            Err(cause) => Err(match cause.kind() {
                io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                    RunDirError::NotAFolder { path }
                }
                _ => RunDirError::Unwritable { path, cause },
            }),
        }
    }

    /// Makes `reports/<scenario>-<UTC time>/` in the current folder, such as `reports/quickstart-20261124T203900Z`,
    /// with `-2`, `-3`, … appended if that is taken.
    ///
    /// # Errors
    /// If nothing can be written there.
    pub fn create_default(scenario: &str, now: Timestamp) -> Result<Self, RunDirError> {
        Self::create_unique(Path::new(REPORTS), scenario, now)
    }

    /// The same in another folder than `reports`.
    ///
    /// # Errors
    /// If nothing can be written there.
    pub fn create_unique(reports: &Path, scenario: &str, now: Timestamp) -> Result<Self, RunDirError> {
        let unwritable = |path: &Path| {
            let path = path.to_owned();
            move |cause| RunDirError::Unwritable { path, cause }
        };
        fs::create_dir_all(reports).map_err(unwritable(reports))?;
        let name = format!("{}-{}", file_name(scenario), now.strftime("%Y%m%dT%H%M%SZ"));
        let mut path = reports.join(&name);
        for suffix in 2.. {
            match fs::create_dir(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    path = reports.join(format!("{name}-{suffix}"));
                }
                made => {
                    made.map_err(unwritable(&path))?;
                    break;
                }
            }
        }
        Self::open(path, true)
    }

    fn open(path: PathBuf, created: bool) -> Result<Self, RunDirError> {
        let mut files = EXPORTERS
            .iter()
            .map(|exporter| exporter.file_name())
            .chain(JOURNAL_FILES);
        if let Some(file) = files.find(|file| path.join(file).exists()) {
            return Err(RunDirError::HoldsARun { path, file });
        }
        let open = |file: &str| {
            let path = path.join(file);
            let opened = OpenOptions::new().write(true).create_new(true).open(&path);
            opened.map_err(|cause| RunDirError::Unwritable { path, cause })
        };
        let journal = Some([open(TRANSACTIONS_CSV)?, open(TASKS_CSV)?, open(BLOCKS_CSV)?]);
        Ok(Self {
            path,
            created,
            journal,
            inputs: Vec::new(),
        })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The journal on the folder's open files, to be given to [`crate::record::Recorder::with_journal`].
    ///
    /// # Panics
    /// If it was taken before: a run has one journal.
    #[must_use]
    pub fn journal(&mut self) -> Journal {
        self.journal_of(false)
    }

    /// The same, of a run in which actors misbehave or not.
    ///
    /// # Panics
    /// If the journal was taken before.
    #[must_use]
    pub fn journal_of(&mut self, tells_misdeeds: bool) -> Journal {
        let [transactions, tasks, blocks] = self.journal.take().expect("a run has one journal");
        Journal::of_run(transactions, tasks, tells_misdeeds).with_blocks(blocks)
    }

    /// As [`RunDir::journal`], but of tasks and blocks alone; `transactions.csv` is taken away again.
    ///
    /// # Panics
    /// If the journal was taken before.
    #[must_use]
    pub fn journal_of_tasks(&mut self) -> Journal {
        let [transactions, tasks, blocks] = self.journal.take().expect("a run has one journal");
        drop(transactions);
        // Where it cannot be removed it stays, empty.
        let _ = fs::remove_file(self.path.join(TRANSACTIONS_CSV));
        Journal::of_tasks(tasks).with_blocks(blocks)
    }

    /// Writes `scenario.toml` and the data files that it refers to before the run begins, and returns its text: whoever
    /// finds the folder of a run that was killed can tell what ran.
    ///
    /// # Errors
    /// If a file cannot be written, or a data file is there already.
    pub fn write_inputs(&mut self, scenario: &Scenario) -> Result<String, ExportError> {
        let text = scenario.to_toml();
        write_file(self.path.join(SCENARIO_TOML), text.as_bytes())?;
        for data in &scenario.data {
            let path = self.path.join(data.name());
            let inputs = &mut self.inputs;
            let mut fill = |path: &Path| {
                path.parent().map_or(Ok(()), fs::create_dir_all)?;
                let file = OpenOptions::new().write(true).create_new(true).open(path)?;
                inputs.push(path.to_owned());
                let mut file = BufWriter::new(file);
                data.write(&mut file)?;
                file.flush()
            };
            fill(&path).map_err(|cause| ExportError::Write { path, cause })?;
        }
        Ok(text)
    }

    /// Writes every file that a run ends with. Each appears whole or not at all; a file that cannot be written does not
    /// keep the others from being tried.
    ///
    /// # Errors
    /// The first file that could not be made or written.
    pub fn write(&self, run: &FinishedRun<'_>) -> Result<(), ExportError> {
        let mut first_error = Ok(());
        for exporter in EXPORTERS {
            first_error = first_error.and(exporter.write(&self.path, run));
        }
        first_error
    }

    /// Writes `host.json`, which says when and how fast a simulation ran.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_host(&self, host: &Host) -> Result<(), ExportError> {
        write_file(
            self.path.join(HOST_JSON),
            json_document(HOST_JSON, host)?.as_bytes(),
        )
    }

    /// Makes the folder of several runs: this one, or `reports/<scenario>-<UTC time>/`. Each run then makes its own in
    /// it with [`RunDir::create`].
    ///
    /// # Errors
    /// As [`RunDir::create`].
    pub fn create_for_seeds(
        dir: Option<&Path>,
        scenario: &str,
        now: Timestamp,
    ) -> Result<PathBuf, RunDirError> {
        Self::create_without_rows(dir, scenario, now).map(|made| made.path)
    }

    /// The same; the folder takes no rows of its own, but may take the inputs of its runs.
    pub(crate) fn create_without_rows(
        dir: Option<&Path>,
        scenario: &str,
        now: Timestamp,
    ) -> Result<Self, RunDirError> {
        let mut made = match dir {
            Some(path) => Self::create(path)?,
            None => Self::create_default(scenario, now)?,
        };
        drop(made.journal.take());
        made.remove_rows();
        Ok(made)
    }

    /// Removes the files of rows; what cannot be removed stays.
    fn remove_rows(&self) {
        for file in JOURNAL_FILES {
            let _ = fs::remove_file(self.path.join(file));
        }
    }

    /// Removes the files that were opened, and the folder if it was made for them and holds nothing else: for a run
    /// that failed before it had anything to record. What cannot be removed stays.
    pub fn discard(mut self) {
        drop(self.journal.take());
        self.remove_rows();
        for input in &self.inputs {
            let _ = fs::remove_file(input);
            let _ = input.parent().map(fs::remove_dir);
        }
        let _ = fs::remove_file(self.path.join(SCENARIO_TOML));
        if self.created {
            let _ = fs::remove_dir(&self.path);
        }
    }
}

/// A scenario's name as a part of a file name: other characters than letters, digits, `-`, `_` and `.` become `-`.
fn file_name(scenario: &str) -> String {
    let name: String = scenario
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '-'
            }
        })
        .collect();
    match name.trim_matches(['-', '.']) {
        "" => "run".to_owned(),
        name => name.chars().take(80).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn scenario_names_become_file_names() {
        for (scenario, expected) in [
            ("quickstart", "quickstart"),
            ("my run/../x", "my-run-..-x"),
            ("../..", "run"),
            ("", "run"),
        ] {
            assert_eq!(file_name(scenario), expected);
        }
    }
}

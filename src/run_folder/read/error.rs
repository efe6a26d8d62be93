//! Errors of reading a run's folder.

use std::{io, path::PathBuf};

use thiserror::Error;

use super::Damage;

/// A run's files cannot be read. Every message names the file, the place in it where there is one, and what to do.
#[derive(Debug, Error)]
pub enum ReadError {
    /// There is no such folder.
    #[error("{} is not a folder; give the folder that a run wrote, such as reports/quickstart-20261124T203900Z", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// The folder holds none of a run's files.
    #[error(
        "{} holds no run: neither summary.json nor transactions.csv nor tasks.csv is in it; \
         give the folder that a run wrote, such as reports/quickstart-20261124T203900Z",
        path.display()
    )]
    NoRun {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds several runs, one per seed say.
    #[error("{} holds several runs; give the folder of one, such as {}", path.display(), first.display())]
    SeveralRuns {
        /// The folder.
        path: PathBuf,
        /// The first of its runs.
        first: PathBuf,
    },
    /// Runs that the summary of several counts are not there.
    #[error(
        "{} holds {} of the {all} runs that its summary.json counts: {} missing; \
         restore what is missing, or give the folders of the runs that are there one by one",
        path.display(), all - missing.len(), listed(missing)
    )]
    MissingRuns {
        /// The folder.
        path: PathBuf,
        /// How many runs the summary counts.
        all: usize,
        /// The folders that are not there.
        missing: Vec<String>,
    },
    /// Tables of a run do not hold the rows that its summary counts.
    #[error(
        "{} is damaged: {}; restore the run's files from a copy; or remove summary.json, and the result is counted \
         again from the rows that are left, as that of an incomplete run; or remove the damaged table, and what \
         summary.json says is shown without it",
        path.display(),
        damage.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// What is wrong with which table.
        damage: Vec<Damage>,
    },
    /// A file cannot be opened or read.
    #[error("cannot read {}: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        cause: io::Error,
    },
    /// The summary was written by a later version.
    #[error(
        "{} has schema version {found}, and this program knows versions up to {known}; \
         read it with the version of taskstorm that wrote it, or a later one",
        path.display()
    )]
    Schema {
        /// The summary.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// The latest that is known.
        known: u32,
    },
    /// The summary is of a protocol that is not known.
    #[error(
        "{} is of the protocol {name:?}, which this program does not know; read it with the version of taskstorm that wrote \
         it, or a later one",
        path.display()
    )]
    Protocol {
        /// The summary.
        path: PathBuf,
        /// The protocol's name.
        name: String,
    },
    /// The summary is not what a run writes.
    #[error(
        "{}:{line}:{column}: {message}; if the file was changed, undo that, or remove it: \
         the result is then counted again from the rows",
        path.display()
    )]
    Summary {
        /// The summary.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A table lacks a column.
    #[error(
        "{}:1: missing column {column:?}; the header must have every column that taskstorm writes",
        path.display()
    )]
    Column {
        /// The table.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// A cell holds something else than its column does.
    #[error("{}:{line}: {column} is {found:?}, not {expected}; correct the cell, or remove the row", path.display())]
    Cell {
        /// The table.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The column.
        column: String,
        /// What is there.
        found: String,
        /// What should be.
        expected: &'static str,
    },
    /// A row has not as many cells as there are columns.
    #[error("{}:{line}: the row has {found} cells, and there are {expected} columns; correct or remove it", path.display())]
    CsvRow {
        /// The table.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// Cells of the row.
        found: usize,
        /// Columns of the table.
        expected: usize,
    },
}

/// The first names, and how many there are if there are more.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown = names
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match names.len() {
        1 => format!("{shown} is"),
        ..=SHOWN => format!("{shown} are"),
        all => format!("{shown} and {} more are", all - SHOWN),
    }
}

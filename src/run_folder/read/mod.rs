//! Reads the folder of a run.

mod damage;
mod error;
mod rebuild;
mod records;
mod rows;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub use damage::Damage;
pub use error::ReadError;
pub use rows::Rows;
use serde::Deserialize;

use self::rebuild::rebuild;
use super::{FinishedRun, HOST_JSON, Host, LATENCY_HLOG, SCENARIO_TOML, SUMMARY_JSON, latency_hlog};
use crate::{
    input::read_result,
    protocol::{ProtocolSchema, REFERENCE},
    record::{
        BLOCKS_CSV, BlockRecord, Histograms, RunResult, SCHEMA_VERSION, TASKS_CSV, TRANSACTIONS_CSV,
        TaskRecord, TxRecord,
    },
};

/// The folder of a run that is over, was interrupted, or was killed before it could write its summary.
///
/// # Example
/// Counts tasks by outcome and finds the longest, one row at a time.
/// ```
/// # use taskstorm::{protocol::REFERENCE, record::{Progress, Recorder}, run_folder::{FinishedRun, RunDir}, run::simulate, scenario::Scenario};
/// # let temporary = tempfile::tempdir()?;
/// # let path = temporary.path().join("run");
/// # let scenario = Scenario::from_toml(
/// #     "example.toml",
/// #     "name = \"example\"\nowners = { count = 1, tasks = 4 }\nminers = { count = 4 }",
/// # )?;
/// # let mut dir = RunDir::create(&path)?;
/// # let recorder = Recorder::new(REFERENCE).with_journal(dir.journal());
/// # let simulation = simulate(&scenario, recorder, &Default::default(), |_: &Progress| {})?;
/// # dir.write(&FinishedRun {
/// #     result: &simulation.result,
/// #     histograms: &simulation.histograms,
/// #     scenario: &scenario.to_toml(),
/// # })?;
/// use std::collections::BTreeMap;
///
/// use taskstorm::run_folder::RunFolder;
///
/// let folder = RunFolder::open(&path)?;
/// assert!(folder.damage().is_empty(), "every row that the summary counts is there");
///
/// let mut outcomes = BTreeMap::new();
/// let mut longest = None;
/// for task in folder.tasks()?.into_iter().flatten() {
///     let task = task?;
///     *outcomes.entry(task.outcome.name()).or_insert(0) += 1;
///     longest = longest.max(task.total_us());
/// }
/// assert_eq!(outcomes["ended"], folder.result().tasks.ended);
/// println!("the longest task took {longest:?} µs");
/// # assert_eq!(outcomes["ended"], 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    scenario: Option<String>,
    host: Option<Host>,
    result: RunResult,
    histograms: Histograms,
    rebuilt: bool,
    damage: Vec<Damage>,
    notes: Vec<String>,
}

impl RunFolder {
    /// Reads the folder of a run. Where there is no `summary.json`, the result is counted again from the rows of the
    /// tables, as far as they tell: it is then not complete, and [`RunFolder::notes`] say what is unknown. Where
    /// `latency.hlog` is missing, broken or cut, its histograms are made again in the same way. The rows of the tables
    /// are counted and held against the summary: see [`RunFolder::damage`].
    ///
    /// # Errors
    /// If it is no folder of a run, or if a file of it cannot be read.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, ReadError> {
        let mut folder = Self::open_unchecked(path)?;
        if !folder.rebuilt {
            folder.damage = damage::damage(&folder.path, &folder.result)?;
        }
        Ok(folder)
    }

    /// As [`RunFolder::open`], without counting the rows: of a run that was just written, or of one that was checked.
    ///
    /// # Errors
    /// As [`RunFolder::open`].
    pub fn open_unchecked(path: impl Into<PathBuf>) -> Result<Self, ReadError> {
        let path = path.into();
        if !path.is_dir() {
            return Err(ReadError::NotAFolder { path });
        }
        let summary = summary(&path)?;
        if summary.is_none() && !has_rows(&path) {
            return Err(match runs_below(&path).into_iter().next() {
                Some(first) => ReadError::SeveralRuns { path, first },
                None => ReadError::NoRun { path },
            });
        }
        // What is no text is no scenario either: whoever reads it says so.
        let scenario = bytes(&path.join(SCENARIO_TOML))?;
        let scenario = scenario.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let host = bytes(&path.join(HOST_JSON))?.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let log = match read_result(&path.join(LATENCY_HLOG)) {
            Ok(log) => latency_hlog::histograms(&log),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err("it is not there".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        let log = match (&summary, log) {
            (Some(result), Ok(histograms)) => match latency_hlog::gap(result, &histograms) {
                Some(cause) => Err(cause),
                None => Ok(histograms),
            },
            (_, log) => log,
        };
        let (mut notes, rebuilt) = (Vec::new(), summary.is_none());
        let (result, histograms) = match (summary, log) {
            (Some(result), Ok(histograms)) => (result, histograms),
            (Some(result), Err(cause)) => {
                let note = "the latency histograms were made again from the rows of the tables";
                notes.push(format!("{LATENCY_HLOG}: {cause}; {note}"));
                let again = rebuild(&path, scenario.as_deref())?;
                if let Some(cause) = latency_hlog::gap(&result, &again.histograms) {
                    notes.push(format!("of the rows, too, not everything is there: {cause}"));
                }
                (result, again.histograms)
            }
            (None, _) => {
                let note =
                    "summary.json is missing: the result was counted again from the rows of the tables";
                notes.push(note.to_owned());
                let again = rebuild(&path, scenario.as_deref())?;
                notes.extend(again.notes);
                (again.result, again.histograms)
            }
        };
        Ok(Self {
            path,
            scenario,
            host,
            result,
            histograms,
            rebuilt,
            damage: Vec::new(),
            notes,
        })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The run's result, from `summary.json` or counted again.
    #[must_use]
    pub const fn result(&self) -> &RunResult {
        &self.result
    }

    /// The latency histograms, from `latency.hlog` or counted again.
    #[must_use]
    pub const fn histograms(&self) -> &Histograms {
        &self.histograms
    }

    /// The scenario as it was run, as TOML; `None` if it is not there.
    #[must_use]
    pub fn scenario(&self) -> Option<&str> {
        self.scenario.as_deref()
    }

    /// When and how fast a simulation ran; `None` of other runs.
    #[must_use]
    pub const fn host(&self) -> Option<&Host> {
        self.host.as_ref()
    }

    /// Whether there is no `summary.json`, so that the result was counted again.
    #[must_use]
    pub const fn is_rebuilt(&self) -> bool {
        self.rebuilt
    }

    /// The tables that do not hold the rows that `summary.json` counts. What is made of such rows is wrong, whatever it
    /// looks like: a comparison refuses them.
    #[must_use]
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// What could not be read as it was written, a sentence each: a report says them all.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// All that the files of a run are made from.
    #[must_use]
    pub fn finished(&self) -> FinishedRun<'_> {
        FinishedRun {
            result: &self.result,
            histograms: &self.histograms,
            scenario: self.scenario().unwrap_or_default(),
        }
    }

    /// The rows of `transactions.csv`, in the order in which transactions were over; `None` if the run wrote none.
    ///
    /// # Errors
    /// If the file cannot be read, or lacks a column. Rows fail one by one.
    pub fn transactions(&self) -> Result<Option<Rows<TxRecord>>, ReadError> {
        Rows::open(&self.path.join(TRANSACTIONS_CSV), self.result.protocol)
    }

    /// The rows of `tasks.csv`, in the order in which tasks were over; `None` if there is none.
    ///
    /// # Errors
    /// As [`RunFolder::transactions`].
    pub fn tasks(&self) -> Result<Option<Rows<TaskRecord>>, ReadError> {
        Rows::open(&self.path.join(TASKS_CSV), self.result.protocol)
    }

    /// The rows of `blocks.csv`, in the order in which blocks were seen; `None` if there is none, as in the folders of
    /// earlier versions.
    ///
    /// # Errors
    /// As [`RunFolder::transactions`].
    pub fn blocks(&self) -> Result<Option<Rows<BlockRecord>>, ReadError> {
        Rows::open(&self.path.join(BLOCKS_CSV), self.result.protocol)
    }
}

/// The runs that a folder stands for: itself, or those of several seeds in it.
///
/// # Errors
/// If it holds no run, or its summary cannot be read.
pub fn runs_in(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let path = folder.to_owned();
    if !folder.is_dir() {
        return Err(ReadError::NotAFolder { path });
    }
    if has_rows(folder) || summary(folder)?.is_some() {
        return Ok(vec![path]);
    }
    let runs = runs_below(folder);
    if runs.is_empty() {
        return Err(ReadError::NoRun { path });
    }
    let is_there = |name: &String| runs.iter().any(|run| run.file_name() == Some(name.as_ref()));
    let mut listed = listed_runs(folder)?;
    let all = listed.len();
    listed.retain(|name| !is_there(name));
    if listed.is_empty() {
        Ok(runs)
    } else {
        Err(ReadError::MissingRuns {
            path,
            all,
            missing: listed,
        })
    }
}

/// Checks that the tables of the run in `folder` hold the rows that its summary counts. Of a run without a summary there
/// is nothing to check.
///
/// # Errors
/// [`ReadError::Damaged`] if they do not; or if a file cannot be read.
pub fn check_rows(folder: &Path) -> Result<(), ReadError> {
    let Some(result) = summary(folder)? else {
        return Ok(());
    };
    let damage = damage::damage(folder, &result)?;
    if damage.is_empty() {
        return Ok(());
    }
    Err(ReadError::Damaged {
        path: folder.to_owned(),
        damage,
    })
}

/// The folders of the runs that the summary of several runs counts; none if there is no such summary.
fn listed_runs(folder: &Path) -> Result<Vec<String>, ReadError> {
    #[derive(Deserialize)]
    struct Several {
        #[serde(default)]
        runs: Vec<Listed>,
    }
    #[derive(Deserialize)]
    struct Listed {
        folder: String,
    }

    let path = folder.join(SUMMARY_JSON);
    let Some(json) = bytes(&path)? else {
        return Ok(Vec::new());
    };
    let several: Several = serde_json::from_slice(&json).map_err(|error| not_a_summary(&path, &error))?;
    Ok(several.runs.into_iter().map(|run| run.folder).collect())
}

/// The protocol of the run in `folder`, or of the first of several; `None` if that cannot be read.
#[must_use]
pub fn protocol_of(folder: &Path) -> Option<&'static ProtocolSchema> {
    let first = runs_in(folder).ok()?.into_iter().next()?;
    Some(summary(&first).ok()??.protocol)
}

/// The run's summary in `folder`; `None` if there is none, or if it is one of several runs.
///
/// # Errors
/// If it cannot be read, or was written by a later version.
pub fn summary(folder: &Path) -> Result<Option<RunResult>, ReadError> {
    #[derive(Deserialize)]
    struct Version {
        schema_version: u64,
        /// Earlier versions knew one protocol alone.
        #[serde(default)]
        protocol: Option<serde_json::Value>,
        #[serde(default)]
        runs: Option<serde::de::IgnoredAny>,
    }

    let path = folder.join(SUMMARY_JSON);
    let Some(json) = bytes(&path)? else {
        return Ok(None);
    };
    let wrong = |error: serde_json::Error| not_a_summary(&path, &error);
    let version: Version = serde_json::from_slice(&json).map_err(wrong)?;
    if version.schema_version > u64::from(SCHEMA_VERSION) {
        return Err(ReadError::Schema {
            path,
            found: version.schema_version,
            known: SCHEMA_VERSION,
        });
    }
    if version.runs.is_some() {
        return Ok(None);
    }
    let protocol = match version.protocol {
        None => REFERENCE,
        Some(named) => <&'static ProtocolSchema>::deserialize(&named).map_err(|_| ReadError::Protocol {
            path: path.clone(),
            name: named.as_str().map_or_else(|| named.to_string(), str::to_owned),
        })?,
    };
    let read = || serde_json::from_slice(&json).map(Some);
    protocol.while_reading(read).map_err(wrong)
}

fn not_a_summary(path: &Path, error: &serde_json::Error) -> ReadError {
    let (line, column) = (error.line(), error.column());
    let place = format!(" at line {line} column {column}");
    ReadError::Summary {
        path: path.to_owned(),
        line,
        column,
        message: error.to_string().replace(&place, ""),
    }
}

/// The content of a file; `None` if it is not there.
fn bytes(path: &Path) -> Result<Option<Vec<u8>>, ReadError> {
    match read_result(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(ReadError::Io {
            path: path.to_owned(),
            cause,
        }),
    }
}

/// Whether the folder has tables of a run.
fn has_rows(folder: &Path) -> bool {
    [TRANSACTIONS_CSV, TASKS_CSV]
        .iter()
        .any(|file| folder.join(file).is_file())
}

/// The folders of runs in this folder, shorter names first: `seed-2` before `seed-10`.
fn runs_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let paths = entries.map(|entry| entry.path());
    let mut runs: Vec<PathBuf> = paths
        .filter(|path| path.join(SUMMARY_JSON).is_file() || has_rows(path))
        .collect();
    runs.sort_by_key(|path| (path.as_os_str().len(), path.clone()));
    runs
}

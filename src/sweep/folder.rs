//! The folder of a sweep: `sweep.json`, and `cells/` with a folder per cell.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use alloy::primitives::Keccak256;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Cell, CellEnd, Checked, Grid, SweepError, Vary, check::data_files, lock::FolderLock};
use crate::{
    input::{read_result, read_result_text},
    record::{RunResult, StopReason, TRANSACTIONS_CSV},
    run_folder::{self, ExportError, RunDir, RunDirError, SCENARIO_TOML, json_document, write_file},
    scenario::Scenario,
};

/// What the sweep is, and the state of its cells.
pub const SWEEP_JSON: &str = "sweep.json";
/// A row per cell, phase and metric.
pub const SWEEP_CSV: &str = "sweep.csv";
/// The version of `sweep.json` that this program writes.
pub const SWEEP_SCHEMA_VERSION: u32 = 1;
/// The folder of the cells' folders.
const CELLS: &str = "cells";

/// What `sweep.json` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SWEEP_SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The version of taskstorm that runs it.
    pub tool_version: String,
    /// The name of the scenario, in the first cell.
    pub scenario: String,
    /// Which chain the cells run on: `embedded`, `anvil`, an address, or several of these.
    pub chain: String,
    /// A digest of the scenarios of all cells, their data files included.
    pub fingerprint: String,
    /// What is varied.
    pub varied: Vec<Vary>,
    /// The cells, in the order of the grid.
    pub cells: Vec<CellEntry>,
}

/// A cell in `sweep.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellEntry {
    /// Its number, from 1.
    pub cell: usize,
    /// Its folder in `cells/`.
    pub folder: String,
    /// Its values, in the order of `varied`.
    pub values: Vec<String>,
    /// `open`, `done` or `failed`.
    pub state: String,
    /// The reason why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Manifest {
    /// That of a sweep on `chain` that has not begun.
    #[must_use]
    pub fn new(checked: &Checked, grid: &Grid, chain: &str) -> Self {
        let mut digest = Keccak256::new();
        for cell in &checked.cells {
            digest.update(cell.fingerprint);
        }
        let entry = |cell: &Cell| CellEntry {
            cell: cell.number,
            folder: cell.folder.clone(),
            values: cell.values.clone(),
            state: CellEnd::Open.name().to_owned(),
            message: None,
        };
        Self {
            schema_version: SWEEP_SCHEMA_VERSION,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: checked.name.clone(),
            chain: chain.to_owned(),
            fingerprint: digest.finalize().to_string(),
            varied: grid.varied().to_vec(),
            cells: checked.cells.iter().map(entry).collect(),
        }
    }

    /// Enters how the cells ended, given in their order.
    pub fn enter(&mut self, ends: &[CellEnd]) {
        for (entry, end) in self.cells.iter_mut().zip(ends) {
            entry.state = end.name().to_owned();
            entry.message = end.failure().map(str::to_owned);
        }
    }

    /// In what another sweep differs from this one, if it does.
    fn difference(&self, other: &Self) -> Option<String> {
        let vary = |manifest: &Self| {
            let all = manifest.varied.iter().map(|vary| format!("--vary '{vary}'"));
            all.collect::<Vec<_>>().join(" ")
        };
        if self.schema_version != other.schema_version || self.tool_version != other.tool_version {
            Some(format!("that of taskstorm {}", self.tool_version))
        } else if self.varied != other.varied {
            Some(format!("its grid is {}", vary(self)))
        } else if self.chain != other.chain {
            Some(format!("it runs on {}", self.chain))
        } else if self.fingerprint != other.fingerprint {
            Some(format!("its scenario changed ({})", self.scenario))
        } else {
            None
        }
    }
}

/// The folder of a sweep. As long as this is there, no other sweep can write to it.
#[derive(Debug)]
pub struct SweepDir {
    path: PathBuf,
    resumed: bool,
    _lock: FolderLock,
}

impl SweepDir {
    /// Opens the folder of this sweep, to resume it, or makes it: this one, or `reports/<scenario>-sweep-<UTC time>/`.
    ///
    /// # Errors
    /// If it holds something else, if another sweep writes to it, or if nothing can be written there.
    pub fn open(dir: Option<&Path>, manifest: &Manifest, now: Timestamp) -> Result<Self, SweepError> {
        let path = match dir {
            Some(dir) => {
                RunDir::make(dir)?;
                dir.to_owned()
            }
            None => RunDir::create_for_seeds(None, &format!("{}-sweep", manifest.scenario), now)?,
        };
        // What is in it counts only once nobody else can change it.
        let lock = FolderLock::take(&path)?;
        if let Some(found) = written(&path)? {
            return match found.difference(manifest) {
                Some(what) => Err(SweepError::OtherSweep { path, what }),
                None => Ok(Self {
                    path,
                    resumed: true,
                    _lock: lock,
                }),
            };
        }
        let found = [CELLS, SWEEP_CSV]
            .into_iter()
            .find(|file| path.join(file).exists());
        if let Some(file) = found {
            return Err(RunDirError::HoldsARun { path, file }.into());
        }
        // A run in it, or a folder that takes no files, is found before the first cell.
        RunDir::create(&path)?.discard();
        let made = Self {
            path,
            resumed: false,
            _lock: lock,
        };
        made.write_manifest(manifest)?;
        Ok(made)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the sweep was begun before.
    #[must_use]
    pub const fn is_resumed(&self) -> bool {
        self.resumed
    }

    /// Writes `sweep.json`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), ExportError> {
        let text = json_document(SWEEP_JSON, manifest)?;
        write_file(self.path.join(SWEEP_JSON), text.as_bytes())
    }

    /// The folder of a cell.
    #[must_use]
    pub fn cell(&self, cell: &Cell) -> PathBuf {
        self.path.join(CELLS).join(&cell.folder)
    }

    /// Whether the cell is done: its files are those of a run of `scenario` by this version that came to an end, with
    /// `transactions.csv` if it is asked for, and their rows are those that the summary counts.
    pub(super) fn is_done(&self, cell: &Cell, scenario: &Scenario, transactions: bool) -> bool {
        let folder = self.cell(cell);
        let holds =
            |name: &str, bytes: &[u8]| read_result(&folder.join(name)).is_ok_and(|found| found == bytes);
        // What cannot be read is run again.
        let result = run_folder::summary(&folder).ok().flatten();
        result.is_some_and(|result| result.tool_version == env!("CARGO_PKG_VERSION") && counts(&result))
            && holds(SCENARIO_TOML, scenario.to_toml().as_bytes())
            && data_files(scenario).all(|(name, bytes)| holds(name, &bytes))
            && (!transactions || folder.join(TRANSACTIONS_CSV).is_file())
            && run_folder::check_rows(&folder).is_ok()
    }

    /// Removes what a run of the cell left that was not done.
    pub(super) fn clear(&self, cell: &Cell) -> Result<(), SweepError> {
        let path = self.cell(cell);
        match fs::remove_dir_all(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(SweepError::Remove { path, cause }),
            _ => Ok(()),
        }
    }
}

/// Whether a run came to an end that counts: nobody stopped it, its chain lived, and its files are whole. One that
/// gave up waiting, or that a threshold stopped, would come to the same again.
pub(super) fn counts(result: &RunResult) -> bool {
    let ended = matches!(
        result.stop_reason,
        StopReason::Finished | StopReason::TimedOut | StopReason::ThresholdLost
    );
    ended && result.journal_error.is_none()
}

/// What `sweep.json` in this folder says; `None` if there is none.
fn written(dir: &Path) -> Result<Option<Manifest>, SweepError> {
    let path = dir.join(SWEEP_JSON);
    let text = match read_result_text(&path) {
        Ok(text) => text,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(error) => {
            let cause = error.to_string();
            return Err(SweepError::Unreadable { path, cause });
        }
    };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| SweepError::Unreadable {
            path,
            cause: error.to_string(),
        })
}

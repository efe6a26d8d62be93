//! The scenarios of all cells, checked before the first runs.

use std::{collections::BTreeMap, num::NonZero, path::PathBuf};

use alloy::primitives::{B256, Keccak256};

use super::{Cell, Grid, SweepError};
use crate::{
    protocol::{ProtocolSchema, REFERENCE},
    run::parallel_map,
    scenario::{Finding, Loaded, Override, Scenario},
};

/// What cells are made from: a scenario file, and what is changed in it for all of them.
#[derive(Clone, Debug)]
pub struct SweepSource {
    /// The file.
    pub file: PathBuf,
    /// What is changed in every cell, before what is varied.
    pub overrides: Vec<Override>,
}

impl SweepSource {
    /// The scenario of the cell `index` of `grid`.
    ///
    /// # Errors
    /// If it is not a valid scenario.
    pub fn load(&self, grid: &Grid, index: usize) -> Result<Loaded, SweepError> {
        let overrides: Vec<_> = self
            .overrides
            .iter()
            .cloned()
            .chain(grid.overrides(index))
            .collect();
        Ok(Loaded::with_overrides(&self.file, &overrides)?)
    }
}

/// The cells of a grid whose scenarios can all run.
///
/// The scenarios themselves are not kept: ten thousand with a trace each would fill the memory. A cell's is read again
/// when it runs, and must be what was checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The cells, in the order of the grid.
    pub cells: Vec<Cell>,
    /// The schema of the protocol that all of them run.
    pub protocol: &'static ProtocolSchema,
    /// The name of the scenario, in the first cell.
    pub name: String,
    /// What is doubtful about the scenarios, each once.
    pub warnings: Vec<Finding>,
}

impl Checked {
    /// Reads and checks the scenario of every cell of `grid`, `jobs` at a time.
    ///
    /// # Errors
    /// The first cell that cannot run, or two that would be the same run.
    pub fn of(source: &SweepSource, grid: &Grid, jobs: NonZero<usize>) -> Result<Self, SweepError> {
        let indices: Vec<usize> = (0..grid.len()).collect();
        let loaded = parallel_map(&indices, jobs, |index| {
            let Loaded { scenario, warnings } = source.load(grid, *index)?;
            let cell = Cell::new(grid, *index, &scenario);
            let protocol = scenario.schema();
            Ok::<_, SweepError>((cell, (scenario.name, protocol), warnings))
        });
        let (mut cells, mut first) = (Vec::with_capacity(grid.len()), None);
        let (mut seen, mut warnings) = (BTreeMap::new(), BTreeMap::new());
        for (order, checked) in loaded.into_iter().enumerate() {
            let (cell, name, doubts) = checked?;
            if let Some(earlier) = seen.insert(cell.fingerprint, cell.number) {
                return Err(SweepError::SameRun {
                    first: earlier,
                    second: cell.number,
                    values: cell.description(grid),
                });
            }
            for (place, doubt) in doubts.into_iter().enumerate() {
                warnings.entry(doubt.to_string()).or_insert((order, place, doubt));
            }
            first.get_or_insert(name);
            cells.push(cell);
        }
        let mut warnings: Vec<_> = warnings.into_values().collect();
        warnings.sort_by_key(|(order, place, _)| (*order, *place));
        let (name, protocol) = first.unwrap_or_else(|| (String::new(), REFERENCE));
        Ok(Self {
            cells,
            name,
            protocol,
            warnings: warnings.into_iter().map(|(_, _, doubt)| doubt).collect(),
        })
    }
}

/// A digest of everything that a scenario's run depends on: its resolved text and its data files.
pub(super) fn fingerprint(scenario: &Scenario) -> B256 {
    let mut digest = Keccak256::new();
    let mut add = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    add(scenario.to_toml().as_bytes());
    for (name, content) in data_files(scenario) {
        add(name.as_bytes());
        add(&content);
    }
    if let Some(run) = &scenario.profile {
        add(run.definition.digest().all.as_slice());
    }
    digest.finalize()
}

/// The data files of a scenario: names and bytes.
pub(super) fn data_files(scenario: &Scenario) -> impl Iterator<Item = (&str, Vec<u8>)> {
    scenario.data.iter().map(|file| {
        let mut bytes = Vec::new();
        // Writing to memory cannot fail.
        let _ = file.write(&mut bytes);
        (file.name(), bytes)
    })
}

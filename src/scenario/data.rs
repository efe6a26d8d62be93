//! The data files that a scenario was read with.

use std::{fmt, io, sync::Arc};

use super::Replay;
use crate::{
    distribution::Observed,
    protocol::{ContractBuild, profile::ReplacedContracts},
    state_dump::StateDump,
};

/// What a scenario took from a data file: enough to write a file that gives the same run.
///
/// A resolved scenario refers to it by [`DataFile::name`], relative to the folder that it stands in itself.
#[derive(Clone, PartialEq, Eq)]
pub struct DataFile {
    name: Arc<str>,
    content: Content,
}

/// What was in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Observations in a unit: `us` or `bytes`.
    Observed(&'static str, Arc<Observed>),
    /// The contracts that a run deploys.
    Contracts(ContractBuild),
    /// The contracts that a run deploys instead of its profile's.
    Replaced(ReplacedContracts),
    /// The state that a chain starts from.
    State(Arc<StateDump>),
    /// Arrivals; its speed and name do not matter.
    Trace(Replay),
}

impl DataFile {
    /// The folder that names are in.
    pub const FOLDER: &'static str = "inputs";

    /// The content of the file that a resolved scenario calls `name`.
    pub(super) const fn new(name: Arc<str>, content: Content) -> Self {
        Self { name, content }
    }

    /// What a resolved scenario calls it: `inputs/miners-1.work_time.csv`, after the place that refers to it. The same
    /// scenario always gives the same names.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it holds the contracts that a run deploys.
    #[must_use]
    pub const fn is_contracts(&self) -> bool {
        matches!(self.content, Content::Contracts(_) | Content::Replaced(_))
    }

    /// Writes it: contracts as solc's JSON output, a state as it was read, all else as CSV in the scenario's own units; only what the scenario used, so that the same run always writes the
    /// same bytes.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        match &self.content {
            Content::Observed(unit, observed) => observed.write_csv(unit, out),
            Content::Contracts(build) => build.write_json(out),
            Content::Replaced(contracts) => contracts.write_json(out),
            Content::State(dump) => out.write_all(dump.text()),
            Content::Trace(replay) => replay.write_csv(out),
        }
    }
}

impl fmt::Debug for DataFile {
    /// The name only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataFile")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

//! The folder of a run: made before it, filled while it goes on and at its end, and read back.
//!
//! [`run_into_folder`] and [`simulate_into_folder`] run a scenario into a [`RunDir`]. [`RunFolder`] is what every report is
//! rendered from again, and what comparisons are made of. Tables are read a row at a time, so that the largest need no
//! more memory than the smallest.

mod aggregate;
mod dir;
mod exporter;
mod failures;
mod faults;
mod host;
mod latency_hlog;
mod misbehaviour;
mod node;
mod phases_csv;
mod rates;
mod read;
mod run;
mod series;
mod summary_md;
mod violations;

pub use aggregate::{Aggregate, SeedRun, Spread, seed_folder};
pub use dir::{RunDir, RunDirError};
pub use exporter::{ExportError, Exporter, FinishedRun, ScenarioToml, SummaryJson, summary_json};
pub(crate) use exporter::{json_document, write_file};
pub(crate) use failures::failures;
pub use host::Host;
pub use latency_hlog::LatencyHlog;
pub use phases_csv::PhasesCsv;
pub use read::{Damage, ReadError, Rows, RunFolder, check_rows, protocol_of, runs_in, summary};
pub use run::{FolderRun, FolderRunError, run_into_folder, simulate_into_folder};
pub use summary_md::{SummaryMd, summary_md};

pub(crate) use self::{
    faults::{fault_table, sensitivity_line},
    misbehaviour::misbehaviour_table,
    node::{node_line, repeated_requests},
    rates::{rate_lines, rates},
    violations::violations,
};

/// The scenario as resolved, enough to run it again.
pub(crate) const SCENARIO_TOML: &str = "scenario.toml";
/// The result, or the results of several seeds.
pub(crate) const SUMMARY_JSON: &str = "summary.json";
/// The latency histograms.
const LATENCY_HLOG: &str = "latency.hlog";
/// When and how fast a simulation ran.
const HOST_JSON: &str = "host.json";

//! The outputs of a run, made from its [`crate::record::RunResult`] and histograms, or from the files that it left.

mod aggregate;
mod capacity;
mod capacity_chart;
pub mod charts;
mod exporter;
mod gas;
mod host;
mod html;
pub(crate) mod human;
pub mod junit;
mod latency_hlog;
mod node;
mod phases_csv;
mod progress;
mod rates;
pub mod read;
mod run_dir;
mod scenario_toml;
mod summary_json;
mod summary_md;
mod tables;
mod terminal;

pub use aggregate::{Aggregate, SeedRun, Spread, seed_folder};
pub use capacity::{
    CAPACITY_CSV, CAPACITY_JSON, CapacityDir, capacity_csv, capacity_json, capacity_table, step_line,
};
pub use capacity_chart::capacity_picture;
pub use exporter::{ExportError, Exporter, FinishedRun};
pub(crate) use gas::grid;
pub use gas::{
    By, GAS_SCHEMA_VERSION, GasChange, GasComparison, GasSnapshot, Incomparable, SnapshotError, Tolerance,
    gas_table,
};
pub use host::{HOST_JSON, Host};
pub use html::{HtmlReport, REPORT_HTML};
pub use human::{measured, value as metric_value};
pub use latency_hlog::LatencyHlog;
pub use phases_csv::PhasesCsv;
pub use progress::{ProgressDisplay, ProgressMode, beside_the_bar};
pub use run_dir::{RunDir, RunDirError};
pub use scenario_toml::ScenarioToml;
pub use summary_json::{SummaryJson, summary_json};
pub use summary_md::{SummaryMd, summary_md};
pub use terminal::{Style, summary_table};

//! Renders a comparison as a table, as Markdown, as JSON and as JUnit XML.

mod format;
mod junit;
mod markdown;
mod problems;
mod table;

pub use junit::junit_of_comparison;
pub use markdown::comparison_markdown;
pub use problems::{log_contracts, log_rules};
pub use table::comparison_table;

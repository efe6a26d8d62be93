//! Renders a comparison as a table, as Markdown, as JSON and as JUnit XML.

mod format;
mod json;
mod junit;
mod markdown;
mod table;

pub use json::comparison_json;
pub use junit::junit_of_comparison;
pub use markdown::comparison_markdown;
pub use table::comparison_table;

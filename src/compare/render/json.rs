//! A comparison as JSON.

use crate::compare::Comparison;

/// The comparison as JSON with a line feed behind it.
///
/// # Errors
/// Never in practice: all of it has a place in JSON.
pub fn comparison_json(comparison: &Comparison) -> serde_json::Result<String> {
    serde_json::to_string_pretty(comparison).map(|json| json + "\n")
}

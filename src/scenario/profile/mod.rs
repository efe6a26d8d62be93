//! Profiles' files: text → [`Definition`].

use std::{path::Path, sync::Arc};

use super::ScenarioError;
use crate::protocol::profile::Definition;

/// Reads the profile at `path`, and the artifacts of its contracts.
///
/// # Errors
/// If it cannot be read, or is no valid profile; then with everything that is wrong.
pub fn load(path: &Path) -> Result<Arc<Definition>, ScenarioError> {
    let _ = path;
    todo!("the reader is being written")
}

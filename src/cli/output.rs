//! Stdout: results only, and a reader that goes away early is no error.

use std::io::{self, ErrorKind, Write};

use super::Failure;

/// Writes `text` to stdout. A closed pipe counts as success: whoever read it had enough.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::unexpected(error)),
        _ => Ok(()),
    }
}

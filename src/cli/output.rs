//! Stdout: results only. A reader that goes away early is no error, and no control character from outside gets through.

use std::io::{self, ErrorKind, Write};

use serde::Serialize;

use super::{Exit, Failure};
use crate::{report::Style, text};

/// Stdout cannot be written to.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to stdout: {0}")]
struct Unwritable(io::Error);

/// Prints lines for people.
///
/// # Errors
/// If stdout takes no more. A closed pipe counts as success: whoever read it had enough.
pub(super) fn print(lines: &str) -> Result<(), Failure> {
    write(&text::block(lines))
}

/// Prints lines for people, in colours where stdout shows them. Lines with control characters from outside are printed
/// without colours, and without these characters.
///
/// # Errors
/// As [`print`].
pub(super) fn print_styled(render: impl Fn(Style) -> String) -> Result<(), Failure> {
    let plain = render(Style::Plain);
    match Style::detect() {
        Style::Coloured if text::is_safe(&plain) => write(&render(Style::Coloured)),
        _ => print(&plain),
    }
}

/// Prints a JSON document; its unsafe characters are escaped.
///
/// # Errors
/// As [`print`].
pub(super) fn print_json(document: &str) -> Result<(), Failure> {
    write(&text::json(document))
}

/// Prints a value as a JSON document.
///
/// # Errors
/// As [`print`].
pub(super) fn print_value(value: &impl Serialize) -> Result<(), Failure> {
    print_json(&json(value)?)
}

/// A value as a JSON document, with a line feed behind it.
///
/// # Errors
/// Never in practice: all that is printed has a place in JSON.
pub(super) fn json(value: &impl Serialize) -> Result<String, Failure> {
    let document = serde_json::to_string_pretty(value).map_err(Failure::unexpected)?;
    Ok(document + "\n")
}

fn write(bytes: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::plain(Exit::Failed, Unwritable(error)))
        }
        _ => Ok(()),
    }
}

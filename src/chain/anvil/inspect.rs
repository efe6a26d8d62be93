//! Checks that a file is an executable anvil, and reads its version.

use std::fmt;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::{PINNED_VERSION, command};

/// A version as anvil prints it, such as `1.7.1` or `1.8.0-nightly`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Version(String);

impl Version {
    /// The version in the output of `anvil --version`: `anvil Version: 1.7.1` now, `anvil 0.2.0 (…)` in old ones.
    #[must_use]
    pub fn parse(output: &str) -> Option<Self> {
        let line = output
            .lines()
            .find(|line| line.trim_start().starts_with("anvil"))?;
        let is_version =
            |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && word.matches('.').count() >= 2;
        line.split_whitespace()
            .find(is_version)
            .map(|word| Self(word.to_owned()))
    }

    /// Whether it is a release of [`PINNED_VERSION`]: some builds call it `1.7.1-stable` or `1.7.1-v1.7.1`.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        let rest = self.0.strip_prefix(PINNED_VERSION);
        rest.is_some_and(|rest| {
            rest.is_empty() || rest == "-stable" || rest.strip_prefix("-v") == Some(PINNED_VERSION)
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The reason why a file cannot be used as anvil.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Nothing has that name.
    #[error("no such file")]
    Missing,
    /// It is a directory, a socket, ….
    #[error("it is not a file")]
    NotAFile,
    /// This user may not execute it.
    #[error("it is not executable (chmod +x makes it so)")]
    NotExecutable,
    /// The system refused to run it.
    #[error("it does not run: {0}")]
    DoesNotRun(io::Error),
    /// `--version` gave no answer in time.
    #[error("it did not answer --version within {} s", .0.as_secs_f64())]
    Hangs(Duration),
    /// `--version` answered something else.
    #[error("it does not answer --version as anvil does: {0}")]
    NotAnvil(String),
}

/// In words.
impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Asks an executable for its version, which it must give as anvil does.
pub(super) fn inspect(path: &Path, limit: Duration) -> Result<Version, Problem> {
    let metadata = path.metadata().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Problem::Missing,
        _ => Problem::DoesNotRun(error),
    })?;
    if !metadata.is_file() {
        return Err(Problem::NotAFile);
    }
    if metadata.permissions().mode() & 0o111 == 0 {
        return Err(Problem::NotExecutable);
    }
    let mut command = Command::new(path);
    command.arg("--version");
    let finished = command::run(command, limit)
        .map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => Problem::NotExecutable,
            _ => Problem::DoesNotRun(error),
        })?
        .ok_or(Problem::Hangs(limit))?;
    match Version::parse(&finished.output) {
        Some(version) if finished.status.success() => Ok(version),
        _ => Err(Problem::NotAnvil(answer(&finished))),
    }
}

/// The first line of an answer and how the command ended, in short.
fn answer(finished: &command::Finished) -> String {
    let line = finished
        .output
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("no output");
    let short: String = line.trim().chars().take(120).collect();
    format!("{short} ({})", finished.status)
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_as_anvil_prints_them() {
        let cases = [
            (
                "anvil Version: 1.7.1\nCommit SHA: 4072e48\n",
                Some(("1.7.1", true)),
            ),
            ("anvil Version: 1.7.1-stable\n", Some(("1.7.1-stable", true))),
            ("anvil Version: 1.7.1-v1.7.1\n", Some(("1.7.1-v1.7.1", true))),
            ("anvil Version: 1.7.1-nightly\n", Some(("1.7.1-nightly", false))),
            ("anvil Version: 1.7.10\n", Some(("1.7.10", false))),
            (
                "anvil 0.2.0 (f625d0f 2024-01-01T00:00:00Z)\n",
                Some(("0.2.0", false)),
            ),
            ("warning: old\nanvil Version: 1.8.0\n", Some(("1.8.0", false))),
            ("node v20.20.2\n", None),
            ("anvil\n", None),
            ("", None),
        ];
        for (output, expected) in cases {
            let version = Version::parse(output);
            let found = version.as_ref().map(|v| (v.0.as_str(), v.is_pinned()));
            assert_eq!(found, expected, "{output:?}");
        }
    }
}

//! Errors of finding, installing and starting anvil.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::inspect::Problem;
use super::place::{Look, Place};
use super::process::Exit;
use super::{PACKAGE, PINNED_VERSION};

/// Anvil could not be found, installed or started. Each message names the file or port and what to do about it.
///
/// Every one of these means that the chain could not be found or started (exit code 3).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What `--anvil` or `ANVIL` names cannot be used.
    #[error("{place} names {}: {problem}\n{}", .path.display(), remedy(*.place))]
    Unusable {
        /// Which of the two named it.
        place: Place,
        /// The file.
        path: PathBuf,
        /// The problem.
        problem: Problem,
    },
    /// No anvil anywhere, and none was installed.
    #[error("{}", NotFoundMessage(looked, *not_installed))]
    NotFound {
        /// Every place looked at.
        looked: Vec<Look>,
        /// The reason why none was installed.
        not_installed: NotInstalled,
    },
    /// The installation with npm failed.
    #[error(
        "installing {PACKAGE} {PINNED_VERSION} into {} failed: {reason}\nInstall anvil in another way \
         (https://getfoundry.sh) and put it on PATH, or give its path with --anvil PATH", .target.display()
    )]
    Install {
        /// Where it was to be installed.
        target: PathBuf,
        /// What went wrong, with npm's own words.
        reason: String,
    },
    /// The configuration asks for something that anvil cannot do.
    #[error("anvil cannot be started with a block time of {0:?}: give 1 ms or more")]
    BlockTime(Duration),
    /// Another process listens on the port.
    #[error("port {port} is in use on 127.0.0.1: stop what listens there, choose another port, or give none")]
    PortInUse {
        /// The port asked for.
        port: u16,
    },
    /// The port cannot be listened on for another reason, such as a lack of privilege.
    #[error("port {port} cannot be used on 127.0.0.1: {cause}; choose another (1024 or above), or give none")]
    Port {
        /// The port asked for.
        port: u16,
        /// The system's reason.
        cause: io::Error,
    },
    /// The process could not be made.
    #[error("{} could not be started: {cause}", .executable.display())]
    Spawn {
        /// The executable.
        executable: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
    /// It ended before it answered.
    #[error("{} ended while starting: {exit}; it said:\n{output}\n{}", .executable.display(), see_doctor())]
    EndedAtStart {
        /// The executable.
        executable: PathBuf,
        /// How it ended.
        exit: Exit,
        /// The last of its output.
        output: String,
    },
    /// It did not answer in time.
    #[error(
        "{} did not answer within {} s; it said:\n{output}\n{}",
        .executable.display(), .limit.as_secs_f64(), see_doctor()
    )]
    StartTimeout {
        /// The executable.
        executable: PathBuf,
        /// The time it was given.
        limit: Duration,
        /// The last of its output.
        output: String,
    },
    /// It answers, but not as the anvil that was started should.
    #[error("{} answers on port {port}, but {problem}\n{}", .executable.display(), see_doctor())]
    WrongAnswer {
        /// The executable.
        executable: PathBuf,
        /// Where it listens.
        port: u16,
        /// What is wrong with the answer.
        problem: String,
    },
}

/// The reason why a missing anvil was not installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotInstalled {
    /// `--no-install` was given.
    Forbidden,
    /// npm is not on `PATH`.
    NoNpm,
    /// No directory to install into: neither `TASKSTORM_CACHE` nor `HOME` is set.
    NoCache,
    /// There is no package with an executable for this system and processor.
    NoPackageForPlatform,
}

impl fmt::Display for NotInstalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forbidden => "--no-install was given",
            Self::NoNpm => "npm is not on PATH",
            Self::NoCache => "neither TASKSTORM_CACHE nor HOME says where to",
            Self::NoPackageForPlatform => "npm has no anvil for this system",
        })
    }
}

impl NotInstalled {
    /// What lets taskstorm install anvil the next time, if anything does.
    fn remedy(self) -> Option<String> {
        match self {
            Self::Forbidden => Some(format!(
                "run again without --no-install: taskstorm installs {PACKAGE} {PINNED_VERSION} with npm"
            )),
            Self::NoNpm => Some(format!(
                "install Node.js with npm and run again: taskstorm installs {PACKAGE} {PINNED_VERSION} with it"
            )),
            Self::NoCache => Some("set TASKSTORM_CACHE to a directory and run again".to_owned()),
            Self::NoPackageForPlatform => None,
        }
    }
}

struct NotFoundMessage<'a>(&'a [Look], NotInstalled);

impl fmt::Display for NotFoundMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(looked, not_installed) = self;
        writeln!(f, "anvil was not found, and not installed: {not_installed}")?;
        writeln!(f, "Looked at:")?;
        for look in *looked {
            writeln!(f, "  {look}")?;
        }
        f.write_str(&ways(*not_installed))
    }
}

/// The ways to an anvil, as lines.
pub(super) fn ways(not_installed: NotInstalled) -> String {
    let own = not_installed
        .remedy()
        .map(|remedy| format!("  - {remedy}\n"))
        .unwrap_or_default();
    format!(
        "Any of these gives taskstorm an anvil:\n{own}\
         \x20 - foundryup (https://getfoundry.sh), with ~/.foundry/bin on PATH\n\
         \x20 - --anvil PATH or ANVIL=PATH, when it is somewhere else"
    )
}

fn remedy(place: Place) -> &'static str {
    match place {
        Place::Variable => "Set ANVIL to an anvil executable, or unset it to have taskstorm look for one",
        _ => "Give the path of an anvil executable, or leave --anvil out to have taskstorm look for one",
    }
}

fn see_doctor() -> &'static str {
    "`taskstorm doctor` shows which anvil is used and whether it starts; --anvil PATH chooses another"
}

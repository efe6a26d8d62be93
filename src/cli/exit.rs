//! Exit codes, a part of the interface: scripts and CI jobs rely on them.

use std::process::ExitCode;

use miette::{Diagnostic, MietteDiagnostic, Report};

use super::stderr;
use crate::{
    chain::rpc::{RpcError, SetupError},
    record::{RunResult, StopReason},
    run::{ExistingError, FundingError, RunError},
    run_folder::FolderRunError,
    scenario::ScenarioError,
};

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, and everything held.
    Done = 0,
    /// Something unexpected failed, or tasks were left open.
    Failed = 1,
    /// The command line or the scenario is wrong; also an address that no endpoint can have.
    Usage = 2,
    /// The chain could not be found, started or reached, or was lost.
    Chain = 3,
    /// A threshold failed or a comparison regressed.
    Threshold = 4,
    /// An invariant was broken.
    Invariant = 5,
    /// Interrupted, after writing what there was.
    Interrupted = 130,
}

impl Exit {
    /// How a command ends that came to this verdict and then wrote its results, some of which may have failed.
    ///
    /// A verdict other than [`Exit::Done`] wins, whatever could not be written. All failures are reported on stderr, and the
    /// first of them ends the command that has no such verdict.
    ///
    /// # Errors
    /// The first failure, if the verdict is [`Exit::Done`].
    pub(super) fn after(
        self,
        written: impl IntoIterator<Item = Result<(), Failure>>,
    ) -> Result<Self, Failure> {
        let mut failures = written.into_iter().filter_map(Result::err);
        let ends = if self == Self::Done { failures.next() } else { None };
        for failure in failures {
            stderr::report(&failure.report);
        }
        ends.map_or(Ok(self), Err)
    }
}

impl Exit {
    /// How a run ends the command that wanted all of it and got less: it did not complete, or violated an invariant. `None` if it
    /// is whole. The reason is reported on stderr, with what is `missing` for it.
    pub(super) fn of_incomplete(result: &RunResult, missing: &str) -> Option<Self> {
        let exit = match result.stop_reason {
            StopReason::Interrupted => Self::Interrupted,
            StopReason::ChainLost => Self::Chain,
            _ if result.invariants.violated > 0 => Self::Invariant,
            StopReason::ThresholdLost => Self::Threshold,
            StopReason::Failed | StopReason::TimedOut | StopReason::Unknown => Self::Failed,
            StopReason::Finished => return None,
        };
        let why = match &result.stop_message {
            Some(message) => message,
            None if exit == Self::Invariant => "an invariant was violated",
            None => result.stop_reason.description(),
        };
        tracing::error!("{why}: {missing}; see taskstorm run");
        Some(exit)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failure that ends the command: its report, and the exit code.
#[derive(Debug)]
pub struct Failure {
    report: Report,
    exit: Exit,
}

impl Failure {
    /// A failure with this exit code.
    pub fn new(exit: Exit, error: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self {
            report: Report::new(error),
            exit,
        }
    }

    /// A failure with this exit code, of an error that has nothing but its message and causes.
    pub fn plain(exit: Exit, error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            report: miette::IntoDiagnostic::into_diagnostic(Err::<(), _>(error)).unwrap_err(),
            exit,
        }
    }

    /// Bad usage: what is wrong, and what to do.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        let diagnostic = MietteDiagnostic::new(message.into()).with_help(help.into());
        Self::new(Exit::Usage, diagnostic)
    }

    /// A failure that nobody expected.
    pub fn unexpected(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::plain(Exit::Failed, error)
    }

    /// Reports it on stderr and returns the exit code.
    #[must_use]
    pub fn report(self) -> ExitCode {
        stderr::report(&self.report);
        self.exit.into()
    }
}

impl From<ScenarioError> for Failure {
    fn from(error: ScenarioError) -> Self {
        Self::new(Exit::Usage, error)
    }
}

impl From<FolderRunError> for Failure {
    fn from(error: FolderRunError) -> Self {
        match error {
            FolderRunError::Files(error) => Self::unexpected(error),
            FolderRunError::Run(error) => error.into(),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let exit = if error.is_of_chain() {
            Exit::Chain
        } else {
            Exit::Usage
        };
        // The messages name their causes themselves.
        let diagnostic = MietteDiagnostic::new(error.to_string());
        Self {
            report: Report::new(match remedy(&error) {
                Some(help) => diagnostic.with_help(help),
                None => diagnostic,
            }),
            exit,
        }
    }
}

/// What to do about a node that cannot be used, where the message does not say it.
fn remedy(error: &RunError) -> Option<&'static str> {
    let error = match error {
        RunError::Setup(SetupError::NoFunding { .. }) => {
            return Some(
                "give taskstorm an account with money that pays the others: the private key in $TASKSTORM_FUNDER_KEY or \
                 in a file (--funder-key-file)",
            );
        }
        RunError::NoCode { .. } => {
            return Some(
                "use the chain that has it: --chain URL; or have the profile deploy it: leave out `address`",
            );
        }
        RunError::Funding(error) if matches!(**error, FundingError::Dry { .. }) => {
            return Some(
                "send money to the funder, or have it pay less: --allowance, fewer accounts or tasks",
            );
        }
        RunError::Existing(error) => {
            return Some(match error {
                ExistingError::Registered { .. } => "choose another --seed: its accounts are others",
                ExistingError::Oracle { .. } => {
                    "have the owner call setOracle(oracle, true), make it the funder, or set [oracle] count = 0 where others end tasks"
                }
                _ => "give --deployment the file of a deployment on this chain",
            });
        }
        RunError::Funding(error) => error.rpc()?,
        RunError::Rpc(error) | RunError::Setup(SetupError::Rpc(error)) => error,
        _ => return None,
    };
    match error {
        RpcError::Unreachable { .. } => Some(
            "start a node at that address, or leave out --chain: taskstorm then starts an anvil of its own",
        ),
        RpcError::Garbage { .. } | RpcError::Refused { .. } => Some(
            "give --chain the JSON-RPC address of a node, or leave it out: taskstorm then starts an anvil of its own",
        ),
        RpcError::Address { .. } => {
            Some("--chain takes anvil, embedded, or the address of a node that runs already")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{Exit, Failure};

    fn failed() -> Result<(), Failure> {
        Err(Failure::plain(Exit::Usage, io::Error::other("full")))
    }

    #[test]
    fn a_verdict_wins_over_what_could_not_be_written() {
        for (verdict, written, ends) in [
            (Exit::Done, vec![Ok(()), Ok(())], Ok(Exit::Done)),
            (Exit::Done, vec![Ok(()), failed()], Err(Exit::Usage)),
            (Exit::Threshold, vec![failed(), failed()], Ok(Exit::Threshold)),
            (Exit::Interrupted, vec![failed()], Ok(Exit::Interrupted)),
        ] {
            assert_eq!(verdict.after(written).map_err(|failure| failure.exit), ends);
        }
    }
}

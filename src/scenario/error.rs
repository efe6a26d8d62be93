//! Errors of a scenario file, with their position, as rendered for users.

use std::{fmt, io, path::PathBuf, sync::Arc};

use miette::{Diagnostic, LabeledSpan, Severity, SourceCode};
use thiserror::Error;

use super::excerpt::Excerpt;

/// The reason why there is no scenario.
#[derive(Debug, Error, Diagnostic)]
pub enum ScenarioError {
    /// The file could not be read.
    #[error("cannot read the scenario file {}: {reason}", path.display())]
    #[diagnostic(help("give the path of a scenario file; the folder `scenarios` holds some"))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why, as the operating system says it.
        reason: io::Error,
    },
    /// The file was read and is invalid.
    #[error("{name} has {}", count(findings.len(), *more))]
    Invalid {
        /// The file, as messages name it.
        name: String,
        /// What is wrong with it, in the order in which it stands in the file; at most
        /// [`ScenarioError::MAX_FINDINGS`].
        #[related]
        findings: Vec<Finding>,
        /// The number of problems  beyond these.
        more: usize,
    },
}

impl ScenarioError {
    /// Most findings that an error holds.
    pub const MAX_FINDINGS: usize = 100;

    /// The error of a file with these findings.
    pub(super) fn invalid(name: &str, mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| finding.place);
        let more = findings.len().saturating_sub(Self::MAX_FINDINGS);
        findings.truncate(Self::MAX_FINDINGS);
        Self::Invalid {
            name: name.to_owned(),
            findings,
            more,
        }
    }
}

fn count(findings: usize, more: usize) -> String {
    match (findings, more) {
        (1, 0) => "1 error".into(),
        (_, 0) => format!("{findings} errors"),
        _ => format!("{} errors; the first {findings} are shown", findings + more),
    }
}

/// One thing that is wrong or doubtful about a scenario file: what, where, and what would be right.
#[derive(Clone)]
pub struct Finding {
    pub(super) message: String,
    pub(super) source: Arc<Excerpt>,
    /// Whether an excerpt of the source may be shown; otherwise the message says the place.
    pub(super) shown: bool,
    pub(super) labels: Vec<LabeledSpan>,
    pub(super) help: String,
    pub(super) severity: Severity,
    /// Where it is among all texts that the scenario is made of: the order in which findings are reported.
    pub(super) place: usize,
    /// What it has to do with in other texts.
    pub(super) elsewhere: Vec<Finding>,
}

impl Finding {
    /// What would be right; may be empty.
    #[must_use]
    pub fn help_text(&self) -> &str {
        &self.help
    }

    /// The file or flag that it is in.
    #[must_use]
    pub fn source_name(&self) -> &str {
        self.source.name()
    }

    /// The line and the column where it begins there, in characters from 1.
    #[must_use]
    pub fn position(&self) -> (usize, usize) {
        self.source
            .position(self.labels.first().map_or(0, LabeledSpan::offset))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.shown {
            let (line, column) = self.position();
            write!(f, "{}:{line}:{column}: ", self.source.name())?;
        }
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finding")
            .field("message", &self.message)
            .field("labels", &self.labels)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Finding {}

impl Diagnostic for Finding {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.shown.then_some(&*self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.shown
            .then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let others = self.elsewhere.iter().map(|finding| finding as &dyn Diagnostic);
        (!self.elsewhere.is_empty()).then(|| Box::new(others) as Box<_>)
    }
}

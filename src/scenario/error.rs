//! What is wrong with a scenario file, with the place: what a person sees.

use std::{fmt, io, path::PathBuf, sync::Arc};

use miette::{Diagnostic, LabeledSpan, NamedSource, Severity, SourceCode};
use thiserror::Error;

/// Why there is no scenario.
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
    /// The file was read, and it is no scenario that can run.
    #[error("{name} is not a scenario that can run ({})", count(findings.len()))]
    Invalid {
        /// The file, as messages name it.
        name: String,
        /// All that is wrong with it, in the order in which it stands in the file.
        #[related]
        findings: Vec<Finding>,
    },
}

fn count(problems: usize) -> String {
    if problems == 1 {
        "1 problem".into()
    } else {
        format!("{problems} problems")
    }
}

/// One thing that is wrong or doubtful about a scenario file: what, where, and what would be right.
#[derive(Clone)]
pub struct Finding {
    pub(super) message: String,
    pub(super) source: NamedSource<Arc<str>>,
    pub(super) labels: Vec<LabeledSpan>,
    pub(super) help: String,
    pub(super) severity: Severity,
    /// Where it is among all texts that the scenario is made of: the order in which findings are told.
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
        let offset = self.labels.first().map_or(0, LabeledSpan::offset);
        let text = self.source.inner();
        let before = text.get(..offset).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let others = self.elsewhere.iter().map(|finding| finding as &dyn Diagnostic);
        (!self.elsewhere.is_empty()).then(|| Box::new(others) as Box<_>)
    }
}

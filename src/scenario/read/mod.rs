//! Text → scenario.
//!
//! The text becomes a tree whose values know their place. Reading walks it table by table, notes every problem with
//! the path of the key that it concerns, and goes on with a stand-in, so that all of them are reported at once. Only
//! at the end are the paths looked up in the tree: nothing that reads or checks knows where a value was written.

mod distribution;
mod locate;
mod order;
mod population;
mod report;
mod scenario;
mod table;
mod threshold;
mod value;

use std::{fs, path::Path, sync::Arc};

use miette::{LabeledSpan, NamedSource, Severity};
use toml::{Spanned, de::DeTable};

use self::report::Report;
use super::{ChainKind, Finding, Scenario, ScenarioError, check, problem::Problem, warn};

/// A scenario that can run, and what is doubtful about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The scenario.
    pub scenario: Scenario,
    /// What is doubtful, in the order in which it stands in the file.
    pub warnings: Vec<Finding>,
}

impl Loaded {
    /// Reads the scenario file at `path`.
    ///
    /// # Errors
    /// If it cannot be read, or is not a scenario that can run; then with everything that is wrong.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ScenarioError> {
        Self::from_file_on(path, None)
    }

    /// As [`Loaded::from_file`], but for another kind of chain than the file says, if one is given: what holds for a
    /// scenario depends on it.
    ///
    /// # Errors
    /// As [`Loaded::from_file`].
    pub fn from_file_on(path: impl AsRef<Path>, kind: Option<ChainKind>) -> Result<Self, ScenarioError> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(|reason| ScenarioError::Unreadable {
            path: path.to_owned(),
            reason,
        })?;
        Self::read(&path.display().to_string(), &text, kind)
    }

    /// Reads a scenario from TOML; messages call the text `name`.
    ///
    /// # Errors
    /// If it is not a scenario that can run; with everything that is wrong.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, ScenarioError> {
        Self::read(name, text, None)
    }

    fn read(name: &str, text: &str, kind: Option<ChainKind>) -> Result<Self, ScenarioError> {
        let source = NamedSource::new(name, Arc::<str>::from(text)).with_language("toml");
        let (tree, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let findings = errors.iter().map(|error| syntax(error, &source)).collect();
            return Err(invalid(name, findings));
        }
        let report = Report::default();
        let mut scenario = scenario::read(&tree, &report);
        if let Some(kind) = kind {
            scenario.chain.kind = kind;
        }
        report.add_unless_broken(check::problems(&scenario));
        let problems = report.into_problems();
        if !problems.is_empty() {
            return Err(invalid(name, findings(problems, &tree, &source, Severity::Error)));
        }
        let warnings = findings(warn::warnings(&scenario), &tree, &source, Severity::Warning);
        Ok(Self { scenario, warnings })
    }
}

impl Scenario {
    /// Reads the scenario file at `path`, without what is doubtful about it.
    ///
    /// # Errors
    /// Like [`Loaded::from_file`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ScenarioError> {
        Loaded::from_file(path).map(|loaded| loaded.scenario)
    }

    /// Reads a scenario from TOML, without what is doubtful about it; messages call the text `name`.
    ///
    /// # Errors
    /// Like [`Loaded::from_toml`].
    pub fn from_toml(name: &str, text: &str) -> Result<Self, ScenarioError> {
        Loaded::from_toml(name, text).map(|loaded| loaded.scenario)
    }
}

fn invalid(name: &str, mut findings: Vec<Finding>) -> ScenarioError {
    findings.sort_by_key(Finding::offset);
    ScenarioError::Invalid {
        name: name.to_owned(),
        findings,
    }
}

fn syntax(error: &toml::de::Error, source: &NamedSource<Arc<str>>) -> Finding {
    let span = error.span().unwrap_or_default();
    Finding {
        message: format!("this is not TOML: {}", error.message()),
        source: source.clone(),
        labels: vec![LabeledSpan::new_with_span(Some("here".into()), span)],
        help: "the format is described at https://toml.io".into(),
        severity: Severity::Error,
    }
}

fn findings(
    problems: Vec<Problem>,
    tree: &Spanned<DeTable<'_>>,
    source: &NamedSource<Arc<str>>,
    severity: Severity,
) -> Vec<Finding> {
    let mut findings: Vec<_> = problems
        .into_iter()
        .map(|problem| Finding {
            message: problem.message,
            source: source.clone(),
            labels: locate::labels(tree, &problem.labels),
            help: problem.help,
            severity,
        })
        .collect();
    findings.sort_by_key(Finding::offset);
    findings
}

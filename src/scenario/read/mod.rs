//! Texts → scenario.
//!
//! The texts become one tree whose values know their place. Reading walks it table by table, notes every problem with
//! the path of the key that it concerns, and goes on with a stand-in, so that all of them are reported at once. Only
//! at the end are the paths looked up in the tree: nothing that reads or checks knows where a value was written.

mod behaviour;
mod contracts;
mod data;
pub(super) mod distribution;
mod load;
pub(super) mod locate;
mod management;
mod order;
mod population;
mod profile;
pub(super) mod report;
mod scenario;
pub(super) mod table;
mod threshold;
pub(super) mod value;

use std::path::Path;

use miette::Severity;
use toml::{Spanned, de::DeTable};

use self::{data::DataFiles, report::Report};
use super::{
    Finding, Override, Scenario, ScenarioError, check, compose, problem::Problem, source::Sources, warn,
};

/// A valid scenario with its warnings.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The scenario.
    pub scenario: Scenario,
    /// What is doubtful, in the order in which it stands in the file.
    pub warnings: Vec<Finding>,
}

impl Loaded {
    /// Reads the scenario file at `path`, and the files that it extends.
    ///
    /// # Errors
    /// If one cannot be read, or it is not a valid scenario; then with everything that is wrong.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ScenarioError> {
        Self::with_overrides(path, &[])
    }

    /// As [`Loaded::from_file`], with `overrides` in place of what the files say, each after the one before it.
    ///
    /// # Errors
    /// As [`Loaded::from_file`]; also if an override cannot be applied.
    pub fn with_overrides(path: impl AsRef<Path>, overrides: &[Override]) -> Result<Self, ScenarioError> {
        let path = path.as_ref();
        Self::read(&path.display().to_string(), compose::load(path)?, overrides)
    }

    /// Reads a scenario from TOML, which can neither extend a file nor refer to data files; messages call the text
    /// `name`.
    ///
    /// # Errors
    /// If it is not a valid scenario; with everything that is wrong.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, ScenarioError> {
        Self::from_toml_with(name, text, &[])
    }

    /// As [`Loaded::from_toml`], with `overrides` in place of what the text says.
    ///
    /// # Errors
    /// As [`Loaded::from_toml`]; also if an override cannot be applied.
    pub fn from_toml_with(name: &str, text: &str, overrides: &[Override]) -> Result<Self, ScenarioError> {
        let sources =
            compose::of_text(name, text).map_err(|findings| ScenarioError::invalid(name, findings))?;
        Self::read(name, sources, overrides)
    }

    fn read(name: &str, mut sources: Sources, overrides: &[Override]) -> Result<Self, ScenarioError> {
        let files = sources.all().len();
        compose::add_overrides(&mut sources, overrides);
        let (files, set) = sources.all().split_at(files);
        let tree = compose::compose(files, overrides, set).map_err(|faults| {
            let findings = faults.into_iter().map(|fault| fault.finding(&sources));
            ScenarioError::invalid(name, findings.collect())
        })?;
        let report = Report::new(DataFiles::beside(&sources));
        let read = scenario::read(&tree, &report);
        if let Some(scenario) = &read {
            report.add_unless_broken(check::problems(scenario));
        }
        let mut wrong = report.take_elsewhere();
        let (problems, data) = report.finish();
        wrong.extend(findings(problems, &tree, &sources, Severity::Error));
        let Some(mut scenario) = read.filter(|_| wrong.is_empty()) else {
            return Err(ScenarioError::invalid(name, wrong));
        };
        scenario.data = data;
        let mut warnings = findings(warn::warnings(&scenario), &tree, &sources, Severity::Warning);
        warnings.sort_by_key(|finding| finding.place);
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

/// The problems with their places in the texts.
pub(super) fn findings(
    problems: Vec<Problem>,
    tree: &Spanned<DeTable<'_>>,
    sources: &Sources,
    severity: Severity,
) -> Vec<Finding> {
    let finding = |problem: Problem| {
        let labels = locate::labels(tree, &problem.labels);
        sources.finding(severity, problem.message, &labels, problem.help)
    };
    problems.into_iter().map(finding).collect()
}

/// The keys that reading the file at `path` looks for.
#[cfg(test)]
pub(super) fn known_keys(path: &Path) -> std::collections::BTreeSet<String> {
    let sources = compose::load(path).unwrap();
    let tree = compose::compose(sources.all(), &[], &[]).unwrap();
    let report = Report::new(DataFiles::beside(&sources));
    scenario::read(&tree, &report);
    report.known.into_inner()
}

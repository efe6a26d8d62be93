//! Data files beside a scenario.

mod csv;
mod moment;
mod observed;
mod records;
mod trace;

use std::{
    cell::RefCell,
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

pub(super) use self::{
    observed::read as observations,
    trace::{Seats, read as arrivals},
};
use super::value::Value;
use crate::{
    artifacts::Artifacts,
    input::{open_regular, read_regular},
    protocol::{BuildError, ContractBuild, ContractNames, profile::Definition},
    scenario::{
        ScenarioError, StateFile,
        data::{Content, DataFile},
        path::{KeyPath, Step},
        problem::Problem,
        profile::{self, Replacement},
        source::{Source, Sources},
    },
    state_dump::StateDump,
};

/// What the artifacts call the contract that a profile knows by a name; `None` for the same.
type Renaming<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Largest data file: 2 GiB.
const MAX_BYTES: u64 = 2 << 30;

/// An open data file.
pub(super) struct Opened {
    file: Box<dyn Read>,
    /// Whether messages may quote it. A scenario may name any file, so only one that is called a CSV file is quoted.
    quoted: bool,
}

/// Where data files are found, and those that were read.
#[derive(Debug, Default)]
pub(super) struct DataFiles {
    /// Where each text of the scenario begins among all of them, and the folder that its paths are relative to.
    folders: Vec<(usize, Option<PathBuf>)>,
    read: RefCell<Vec<DataFile>>,
}

/// What is wrong with a data file.
#[derive(Debug)]
pub(super) struct Fault {
    /// The line it is on, from 1; `None` if it is about the file as a whole.
    pub(super) line: Option<u64>,
    /// What is wrong: completes "file: …".
    pub(super) what: String,
    /// The correction.
    pub(super) help: String,
}

impl Fault {
    /// About the file as a whole.
    fn whole(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            line: None,
            what: what.into(),
            help: help.into(),
        }
    }
}

impl DataFiles {
    /// Files beside those that a scenario is made of: a path is relative to the file that says it.
    pub(super) fn beside(sources: &Sources) -> Self {
        let folder = |source: &Source| (source.start(), source.folder().cloned());
        Self {
            folders: sources.all().iter().map(folder).collect(),
            read: RefCell::default(),
        }
    }

    /// The folder of the text that holds this place, if it is a file's.
    fn folder(&self, place: usize) -> Option<&PathBuf> {
        let after = self.folders.partition_point(|(start, _)| *start <= place);
        self.folders.get(after.checked_sub(1)?)?.1.as_ref()
    }

    /// Those that were read, in the order of their names.
    pub(super) fn into_read(self) -> Vec<DataFile> {
        let mut read = self.read.into_inner();
        read.sort_by(|one, other| one.name().cmp(other.name()));
        read
    }

    /// Reads the contracts that are called `names` in the artifacts at `path`. What is wrong with them is reported there.
    pub(super) fn contracts(&self, path: Value<'_>, names: &ContractNames) -> Option<ContractBuild> {
        let written = path.clone().text()?;
        let read = match self.folder(path.begin()) {
            None => Err((
                format!("{written} cannot be found: this scenario is not a file"),
                "paths are relative to the file that says them: load the scenario from one".to_owned(),
            )),
            Some(folder) => Artifacts::open(folder.join(&written))
                .map_err(BuildError::from)
                .and_then(|artifacts| ContractBuild::of(&artifacts, names, written))
                .map_err(|error| (error.to_string(), error.help())),
        };
        match read {
            Ok(build) => {
                let name = format!("{}/contracts.json", DataFile::FOLDER);
                let file = DataFile::new(name.into(), Content::Contracts(build.clone()));
                self.read.borrow_mut().push(file);
                Some(build)
            }
            Err((message, help)) => {
                refuse_artifacts(&path, &message, help);
                None
            }
        }
    }

    /// Reads the state that a chain starts from. What is wrong with it is reported there.
    pub(super) fn state(&self, file: Value<'_>) -> Option<StateFile> {
        const HELP: &str = "have anvil write one: anvil --dump-state dump.json";
        let (key, report, begin) = (file.path().clone(), file.report(), file.begin());
        let written = file.text()?;
        let read = match self.folder(begin) {
            None => Err(format!("{written} cannot be found: this scenario is not a file")),
            Some(folder) => {
                let path = folder.join(&written);
                let read = read_regular(&path, MAX_BYTES).map_err(|error| error.to_string());
                let dump = read.and_then(StateDump::parse);
                dump.map(|dump| (path, Arc::new(dump)))
                    .map_err(|cause| format!("{written} is no state of anvil's: {cause}"))
            }
        };
        match read {
            Ok((path, dump)) => {
                let name: Arc<str> = format!("{}/chain.state.json", DataFile::FOLDER).into();
                let copy = DataFile::new(Arc::clone(&name), Content::State(Arc::clone(&dump)));
                self.read.borrow_mut().push(copy);
                Some(StateFile { path, name, dump })
            }
            Err(message) => {
                let problem = Problem::new(format!("`{key}`: {message}"), HELP).at(key.clone(), "this file");
                report.broken(key, problem);
                None
            }
        }
    }

    /// Reads the profile at `path`, which is found from the file that says it, with the contracts of the artifacts at
    /// `contracts` in the place of its own if they are given. Gives its own path, which is absolute, too. What is wrong with it
    /// is reported.
    pub(super) fn profile(
        &self,
        path: Value<'_>,
        contracts: Option<(Value<'_>, Renaming<'_>)>,
    ) -> Option<(PathBuf, Arc<Definition>)> {
        let replacement = match &contracts {
            Some((artifacts, named)) => Some((artifacts, self.replacement(artifacts, *named)?)),
            None => None,
        };
        let (key, report, begin) = (path.path().clone(), path.report(), path.begin());
        let written = PathBuf::from(path.text()?);
        let refuse = |message: String, help: &str| {
            let problem = Problem::new(format!("`{key}`: {message}"), help).at(key.clone(), "this profile");
            report.broken(key.clone(), problem);
            None
        };
        let found = match self.folder(begin) {
            Some(folder) => folder.join(written),
            None if written.is_absolute() => written,
            None => {
                return refuse(
                    format!(
                        "{} cannot be found: this scenario is not a file",
                        written.display()
                    ),
                    "paths are relative to the file that says them: load the scenario from one",
                );
            }
        };
        match profile::load_with(&found, replacement.as_ref().map(|(_, replacement)| replacement)) {
            Ok(definition) => {
                if let Some(replaced) = &definition.replaced {
                    let name = format!("{}/contracts.json", DataFile::FOLDER);
                    let file = DataFile::new(name.into(), Content::Replaced(replaced.clone()));
                    self.read.borrow_mut().push(file);
                }
                let absolute = fs::canonicalize(&found).or_else(|_| std::path::absolute(&found));
                Some((absolute.unwrap_or(found), definition))
            }
            Err(ScenarioError::Unreadable { reason, .. }) => refuse(
                format!("cannot read the profile {}: {reason}", found.display()),
                "its path is relative to the file that says it",
            ),
            Err(ScenarioError::Invalid { findings, .. }) => {
                if let Some((artifacts, replacement)) = &replacement {
                    refuse_replacement(artifacts, replacement, &found);
                }
                report.elsewhere(findings);
                None
            }
        }
    }

    /// The artifacts at `path`, whose contracts are to take the place of a profile's.
    fn replacement<'a>(&self, path: &Value<'_>, named: Renaming<'a>) -> Option<Replacement<'a>> {
        let written = path.clone().text()?;
        let opened = match self.folder(path.begin()) {
            None => Err((
                format!("{written} cannot be found: this scenario is not a file"),
                "paths are relative to the file that says them: load the scenario from one".to_owned(),
            )),
            Some(folder) => {
                Artifacts::open(folder.join(&written)).map_err(|error| (error.to_string(), error.help()))
            }
        };
        match opened {
            Ok(artifacts) => Some(Replacement::new(written, artifacts, named)),
            Err((message, help)) => {
                refuse_artifacts(path, &message, help);
                None
            }
        }
    }

    /// Reads the file that the text `file` names, for the value at `place`, and returns what `parse` makes of it with
    /// the name that a resolved scenario calls it by. What is wrong with it is reported at `file`.
    pub(super) fn read<T>(
        &self,
        file: Value<'_>,
        place: &KeyPath,
        parse: impl FnOnce(Opened) -> Result<T, Fault>,
        content: impl FnOnce(&T) -> Content,
    ) -> Option<(T, Arc<str>)> {
        let (path, report, begin) = (file.path().clone(), file.report(), file.begin());
        let written = file.text()?;
        let refuse = |message: String, help: String| {
            let problem =
                Problem::new(format!("`{path}`: {message}"), help).at(path.clone(), "this data file");
            report.broken(path.clone(), problem);
            None
        };
        let Some(folder) = self.folder(begin) else {
            return refuse(
                format!("{written} cannot be found: this scenario is not a file"),
                "paths of data files are relative to the file that says them: load the scenario from one, or write the \
                 values here"
                    .into(),
            );
        };
        let found = folder.join(&written);
        let opened = match open_regular(&found, MAX_BYTES) {
            Ok(file) => Opened {
                file: Box::new(file),
                quoted: fs::canonicalize(&found).is_ok_and(|real| {
                    let extension = real.extension().unwrap_or_default();
                    extension.eq_ignore_ascii_case("csv")
                }),
            },
            Err(reason) => {
                return refuse(
                    format!("cannot read the data file {}: {reason}", found.display()),
                    "its path is relative to the file that says it".into(),
                );
            }
        };
        match parse(opened) {
            Ok(parsed) => {
                let name: Arc<str> = name(place).into();
                let read = DataFile::new(Arc::clone(&name), content(&parsed));
                self.read.borrow_mut().push(read);
                Some((parsed, name))
            }
            Err(Fault { line, what, help }) => {
                let line = line.map_or_else(String::new, |line| format!(", line {line}"));
                refuse(format!("{}{line}: {what}", found.display()), help)
            }
        }
    }
}

/// Reports why the contracts at `artifacts` cannot take the place of those of the profile in the file `profile`.
fn refuse_replacement(artifacts: &Value<'_>, replacement: &Replacement<'_>, profile: &Path) {
    for fault in replacement.take_faults() {
        let Some(name) = fault.named else {
            refuse_artifacts(artifacts, &fault.message, fault.help);
            continue;
        };
        let key = KeyPath::root().key("contracts").key(&name);
        let problem = Problem::new(format!("`{key}`: {}", fault.message), fault.help);
        artifacts
            .report()
            .broken(key.clone(), problem.at(key, "this contract"));
    }
    let Ok(own) = profile::load(profile) else { return };
    let differences = replacement.differences(&own);
    if !differences.is_empty() {
        let lines: Vec<String> = differences
            .iter()
            .map(|difference| format!("- {difference}"))
            .collect();
        let message = format!(
            "the ABI differs from what the profile uses:\n{}",
            lines.join("\n")
        );
        let help = "keep what the profile calls and decodes, or change the profile as well".to_owned();
        refuse_artifacts(artifacts, &message, help);
    }
}

/// Reports that these artifacts cannot be used.
fn refuse_artifacts(path: &Value<'_>, message: &str, help: String) {
    let key = path.path().clone();
    let problem = Problem::new(format!("`{key}`: {message}"), help).at(key.clone(), "these artifacts");
    path.report().broken(key, problem);
}

/// What a resolved scenario calls the data file of the value at `place`: `inputs/miners-1.work_time.csv`. An only group
/// is counted too, so that the name does not depend on how the group was written.
fn name(place: &KeyPath) -> String {
    let mut name = String::new();
    let mut steps = place.steps().iter().peekable();
    while let Some(step) = steps.next() {
        match step {
            Step::Key(key) if name.is_empty() => {
                name.push_str(key);
                // All but the chain are groups.
                if key != "chain" && !matches!(steps.peek(), Some(Step::Index(_))) {
                    name.push_str("-1");
                }
            }
            Step::Key(key) => {
                name.push('.');
                name.push_str(key);
            }
            Step::Index(index) => name.push_str(&format!("-{}", index + 1)),
        }
    }
    format!("{}/{name}.csv", DataFile::FOLDER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_depend_on_how_a_group_was_written() {
        let root = KeyPath::root();
        let miners = root.key("miners");
        for (place, expected) in [
            (miners.key("work_time"), "inputs/miners-1.work_time.csv"),
            (miners.index(0).key("work_time"), "inputs/miners-1.work_time.csv"),
            (miners.index(2).key("work_time"), "inputs/miners-3.work_time.csv"),
            (
                root.key("chain").key("submission_delay"),
                "inputs/chain.submission_delay.csv",
            ),
        ] {
            assert_eq!(name(&place), expected);
        }
    }
}

//! Contracts that a scenario or the command line puts in the place of a profile's own.

use std::cell::RefCell;

use crate::{
    artifacts::{Artifacts, ArtifactsError, Contract, LibraryName, abi_differences, stale_sources},
    protocol::profile::{Definition, ReplacedContracts},
    scenario::suggest::list,
};

/// Artifacts whose contracts take the place of a profile's contracts of the same name, and what came of that.
pub(in crate::scenario) struct Replacement<'a> {
    /// The artifacts as they were named.
    source: String,
    artifacts: Artifacts,
    /// The contract among the artifacts that the scenario names for one of the profile's.
    named: &'a dyn Fn(&str) -> Option<String>,
    found: RefCell<Vec<(String, Contract)>>,
    libraries: RefCell<Vec<Contract>>,
    kept: RefCell<Vec<String>>,
    faults: RefCell<Vec<Fault>>,
}

/// The reason why a contract cannot take another's place.
pub(in crate::scenario) struct Fault {
    /// The contract's name in the profile, if the scenario says which contract takes its place.
    pub(in crate::scenario) named: Option<String>,
    /// The problem.
    pub(in crate::scenario) message: String,
    /// The remedy.
    pub(in crate::scenario) help: String,
}

impl<'a> Replacement<'a> {
    /// The artifacts that are called `source`. What `named` gives for a contract of the profile is the name of its replacement.
    pub(in crate::scenario) fn new(
        source: String,
        artifacts: Artifacts,
        named: &'a dyn Fn(&str) -> Option<String>,
    ) -> Self {
        Self {
            source,
            artifacts,
            named,
            found: RefCell::default(),
            libraries: RefCell::default(),
            kept: RefCell::default(),
            faults: RefCell::default(),
        }
    }

    /// The artifacts.
    pub(super) fn artifacts(&self) -> &Artifacts {
        &self.artifacts
    }

    /// What takes the place of the profile's contract `key`, whose artifact may have any of these names: `None` if it keeps
    /// its own, `Some(None)` if what is there cannot be used.
    pub(super) fn contract(&self, key: &str, names: &[String]) -> Option<Option<Contract>> {
        if let Some(name) = (self.named)(key) {
            return Some(self.found(key, true, self.artifacts.contract(&name)));
        }
        for name in names {
            match self.artifacts.contract(name) {
                Err(ArtifactsError::Missing { .. }) => {}
                found => return Some(self.found(key, false, found)),
            }
        }
        let alike = self.artifacts.named_like(key);
        let alike = alike.and_then(|name| self.artifacts.contract(&name).ok());
        match alike {
            Some(contract) => Some(self.found(key, false, Ok(contract))),
            None => {
                self.kept.borrow_mut().push(key.to_owned());
                None
            }
        }
    }

    fn found(&self, key: &str, is_named: bool, found: Result<Contract, ArtifactsError>) -> Option<Contract> {
        match found {
            Ok(contract) => {
                self.found.borrow_mut().push((key.to_owned(), contract.clone()));
                Some(contract)
            }
            Err(error) => {
                let help = match error {
                    ArtifactsError::Ambiguous { .. } => {
                        format!("{}, as `{key}` of [contracts]", error.help())
                    }
                    _ => error.help(),
                };
                self.faults.borrow_mut().push(Fault {
                    named: is_named.then(|| key.to_owned()),
                    message: error.to_string(),
                    help,
                });
                None
            }
        }
    }

    /// The contract of this name among the artifacts, for its ABI alone.
    pub(super) fn interface(&self, name: &str) -> Option<Contract> {
        self.artifacts.interface(name).ok()
    }

    /// A library among the artifacts.
    pub(super) fn library(&self, name: &LibraryName) -> Option<Contract> {
        let library = self.artifacts.library(name).ok()?;
        self.libraries.borrow_mut().push(library.clone());
        Some(library)
    }

    /// Takes note that a contract among the artifacts needs a library that is not there.
    pub(super) fn lacks(&self, contract: &Contract, library: &LibraryName) {
        self.faults.borrow_mut().push(Fault {
            named: None,
            message: format!(
                "{} needs the library {library}, which is not in {}",
                contract.name, self.source
            ),
            help: "give the folder that holds the artifacts of both".to_owned(),
        });
    }

    /// Whether the contracts cannot be used.
    pub(super) fn has_faults(&self) -> bool {
        !self.faults.borrow().is_empty() || self.found.borrow().is_empty()
    }

    /// The reasons why the contracts cannot be used; empty if they can.
    pub(in crate::scenario) fn take_faults(&self) -> Vec<Fault> {
        let mut faults = self.faults.take();
        if faults.is_empty() && self.found.borrow().is_empty() {
            let kept = self.kept.borrow();
            let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
            let names = self.artifacts.all_names();
            let names: Vec<&str> = names.iter().take(LISTED).map(String::as_str).collect();
            let (key, name) = (
                kept.first().unwrap_or(&"token"),
                names.first().unwrap_or(&"Token"),
            );
            let help = format!(
                "it has {}; `{key} = \"{name}\"` below [contracts] says which takes the place of one",
                list(&names)
            );
            let message = match kept.as_slice() {
                [] => format!(
                    "{} replaces nothing: the profile deploys no contract",
                    self.source
                ),
                kept => format!(
                    "{} has none of the contracts that the profile deploys: {}",
                    self.source,
                    list(kept)
                ),
            };
            faults.push(Fault {
                named: None,
                message,
                help,
            });
        }
        faults
    }

    /// How the contracts that were found differ from those of the profile in what its text speaks of.
    pub(in crate::scenario) fn differences(&self, own: &Definition) -> Vec<String> {
        let word = |c: char| !(c.is_alphanumeric() || c == '_' || c == '$');
        let words: Vec<&str> = own.text.split(word).collect();
        let found = self.found.borrow();
        let differences = found.iter().filter_map(|(name, contract)| {
            let own = own.contracts.iter().find(|own| own.name == *name)?;
            Some(abi_differences(
                name,
                &own.abi,
                &contract.abi,
                |function| words.contains(&function.name.as_str()),
                |event| words.contains(&event.name.as_str()),
            ))
        });
        differences.flatten().collect()
    }

    /// The contracts in the place of the profile's.
    pub(super) fn replaced(&self) -> ReplacedContracts {
        let (contracts, libraries) = (self.found.borrow().clone(), self.libraries.borrow().clone());
        let all: Vec<_> = contracts
            .iter()
            .map(|(_, contract)| contract)
            .chain(&libraries)
            .collect();
        let mut warnings = stale_sources(&all);
        let kept = self.kept.borrow();
        if !kept.is_empty() {
            let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
            warnings.push(format!(
                "{} has no contract for {}: the profile's own is deployed",
                self.source,
                list(&kept)
            ));
        }
        ReplacedContracts {
            source: self.source.clone(),
            contracts,
            libraries,
            warnings,
        }
    }
}

/// Contracts of the artifacts that a message lists.
const LISTED: usize = 8;

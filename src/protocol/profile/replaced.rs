//! Contracts of other artifacts in the place of a profile's own.

use std::{fmt, io};

use crate::artifacts::{Contract, Digest, digest, write_standard_json};

/// The contracts that take the place of a profile's. Two are equal if they deploy the same code under the same names.
#[derive(Clone)]
pub struct ReplacedContracts {
    /// The artifacts as the scenario or the command line names them.
    pub source: String,
    /// The contracts by the names that the profile has for them.
    pub contracts: Vec<(String, Contract)>,
    /// The libraries that they are linked with, from the same artifacts.
    pub libraries: Vec<Contract>,
    /// What is doubtful about them: stale artifacts, contracts of the profile that are not among them.
    pub warnings: Vec<String>,
}

impl ReplacedContracts {
    /// Writes them as solc's standard JSON output, from which equal ones can be read.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn write_json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let contracts = self.contracts.iter().map(|(_, contract)| contract);
        let described = contracts.chain(&self.libraries).map(|contract| {
            let source = contract.source.as_deref().unwrap_or_default();
            (source, contract.name.as_str(), contract)
        });
        write_standard_json(described, out)
    }

    fn digest(&self) -> Digest {
        let contracts = self.contracts.iter();
        let contracts = contracts.map(|(name, contract)| (name.as_str(), contract));
        let libraries = self.libraries.iter();
        digest(contracts.chain(libraries.map(|library| (library.name.as_str(), library))))
    }
}

impl PartialEq for ReplacedContracts {
    fn eq(&self, other: &Self) -> bool {
        self.digest() == other.digest()
    }
}

impl Eq for ReplacedContracts {}

impl fmt::Debug for ReplacedContracts {
    /// Source and digest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.source, self.digest())
    }
}

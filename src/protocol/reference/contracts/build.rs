//! The build of the contracts that a run deploys: the one that was compiled into this program, or one of artifacts.

use std::{
    collections::BTreeMap,
    fmt, io,
    sync::{Arc, LazyLock},
};

use alloy::primitives::Address;
use serde_json::json;
use thiserror::Error;

use super::{bindings::ARTIFACTS, compatibility::differences};
use crate::artifacts::{
    Artifacts, ArtifactsError, Contract, CreationCode, Digest, digest, stale_sources, write_standard_json,
};

/// Libraries of libraries that are followed.
const MOST_LIBRARIES: usize = 64;

/// The three contracts by their names among artifacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractNames {
    /// What `NodePool` is called.
    pub node_pool: String,
    /// What `SessionV2` is called.
    pub session: String,
    /// What `SessionQueueV2` is called.
    pub session_queue: String,
}

impl Default for ContractNames {
    fn default() -> Self {
        let [node_pool, session, session_queue] = NAMES.map(str::to_owned);
        Self {
            node_pool,
            session,
            session_queue,
        }
    }
}

/// The reference contracts' own names, in the order in which they are deployed.
const NAMES: [&str; 3] = ["NodePool", "SessionV2", "SessionQueueV2"];

/// The reason why artifacts cannot take the place of the reference contracts.
#[derive(Debug, Error)]
pub enum BuildError {
    /// A contract or library cannot be taken from them.
    #[error(transparent)]
    Artifacts(#[from] ArtifactsError),
    /// The actors cannot work with the contracts.
    #[error("the ABI differs from what the actors need:\n{}", .0.iter().map(|line| format!("- {line}")).collect::<Vec<_>>().join("\n"))]
    Incompatible(
        /// Each difference: what was expected and what was found.
        Vec<String>,
    ),
    /// Libraries need each other, or there are too many of them.
    #[error("more than {MOST_LIBRARIES} libraries are to be linked, or libraries need each other: {0}")]
    Libraries(
        /// One of them.
        String,
    ),
}

impl BuildError {
    /// The remedy.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Artifacts(error) => error.help(),
            Self::Incompatible(_) => {
                "keep these functions and events as the reference contracts have them: the simulated actors \
                 call and decode them (contracts/interfaces)"
                    .to_owned()
            }
            Self::Libraries(_) => "link the libraries when compiling".to_owned(),
        }
    }
}

/// A build of the reference contracts, or of changed ones that the same actors can work with. Two builds are equal if they
/// deploy the same code.
#[derive(Clone)]
pub struct ContractBuild(Arc<Inner>);

struct Inner {
    source: Option<String>,
    digest: Digest,
    contracts: [Contract; 3],
    /// In the order in which they are deployed, by fully qualified name.
    libraries: Vec<(String, Contract)>,
    warnings: Vec<String>,
}

static BUILT_IN: LazyLock<ContractBuild> = LazyLock::new(|| {
    let contract = |index: usize| {
        let (name, json) = ARTIFACTS[index];
        Contract::from_json(name, json)
            .expect("the artifacts are committed, and bindings were made from them when this was compiled")
    };
    ContractBuild::new(
        None,
        [contract(0), contract(1), contract(2)],
        Vec::new(),
        Vec::new(),
    )
});

impl ContractBuild {
    /// What [`ContractBuild::source`] says of the build that was compiled into this program.
    pub const BUILT_IN: &str = "built-in";

    /// The reference contracts that were compiled into this program.
    #[must_use]
    pub fn built_in() -> Self {
        BUILT_IN.clone()
    }

    /// The contracts called `names` in `artifacts`, with the libraries that they need; `source` is what results call them by.
    ///
    /// # Errors
    /// [`BuildError`] if one is not there, or the actors cannot work with them.
    pub fn of(artifacts: &Artifacts, names: &ContractNames, source: String) -> Result<Self, BuildError> {
        let contracts = [
            artifacts.contract(&names.node_pool)?,
            artifacts.contract(&names.session)?,
            artifacts.contract(&names.session_queue)?,
        ];
        let (mut differing, mut warnings) = (Vec::new(), Vec::new());
        for (needed, found) in BUILT_IN.0.contracts.iter().zip(&contracts) {
            let differences = differences(&needed.name, &needed.abi, &found.abi);
            differing.extend(differences.broken);
            warnings.extend(differences.doubtful);
        }
        if !differing.is_empty() {
            return Err(BuildError::Incompatible(differing));
        }
        let libraries = libraries(artifacts, &contracts)?;
        let all: Vec<&Contract> = contracts
            .iter()
            .chain(libraries.iter().map(|(_, library)| library))
            .collect();
        warnings.extend(stale_sources(&all));
        Ok(Self::new(Some(source), contracts, libraries, warnings))
    }

    fn new(
        source: Option<String>,
        contracts: [Contract; 3],
        libraries: Vec<(String, Contract)>,
        warnings: Vec<String>,
    ) -> Self {
        let named = NAMES.into_iter().zip(&contracts);
        let linked = libraries.iter().map(|(name, library)| (name.as_str(), library));
        let digest = digest(named.chain(linked));
        Self(Arc::new(Inner {
            source,
            digest,
            contracts,
            libraries,
            warnings,
        }))
    }

    /// Whether it is the one that was compiled into this program, and not one of artifacts, even if these are equal.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.0.source.is_none()
    }

    /// Whether it deploys the very code of the reference contracts, wherever it comes from.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        *self == *BUILT_IN
    }

    /// Where it comes from: `built-in`, or the artifacts as they were named.
    #[must_use]
    pub fn source(&self) -> &str {
        self.0.source.as_deref().unwrap_or(Self::BUILT_IN)
    }

    /// The digest of all that it deploys.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// What is doubtful about it: stale artifacts, custom errors that nobody knows any more.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.0.warnings
    }

    /// The contracts by the reference contracts' names, in the order in which they are deployed.
    pub fn contracts(&self) -> impl Iterator<Item = (&'static str, &Contract)> {
        NAMES.into_iter().zip(&self.0.contracts)
    }

    /// The artifact of each contract as a text: the committed one where nothing was changed.
    #[must_use]
    pub fn artifacts(&self) -> Vec<(&'static str, String)> {
        if self.is_built_in() {
            return ARTIFACTS.map(|(name, json)| (name, json.to_owned())).to_vec();
        }
        let artifact = |(name, contract): (&'static str, &Contract)| {
            let described = json!({
                "contractName": name,
                "sourceName": contract.source,
                "abi": contract.abi,
                "bytecode": format!("0x{}", contract.code.to_hex()),
                "linkReferences": contract.code.link_references(),
            });
            (name, format!("{described:#}\n"))
        };
        self.contracts().map(artifact).collect()
    }

    /// The libraries by fully qualified name, in the order in which they are deployed, before the contracts.
    pub(super) fn libraries(&self) -> &[(String, Contract)] {
        &self.0.libraries
    }

    /// Writes it as solc's standard JSON output, from which an equal one can be read.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn write_json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let linked = self.libraries().iter().map(|(qualified, library)| {
            let (source, name) = qualified.rsplit_once(':').unwrap_or(("", qualified));
            (source, name, library)
        });
        let contracts = self
            .contracts()
            .map(|(name, contract)| (contract.source.as_deref().unwrap_or(""), name, contract));
        write_standard_json(contracts.chain(linked), out)
    }
}

impl Default for ContractBuild {
    fn default() -> Self {
        Self::built_in()
    }
}

impl PartialEq for ContractBuild {
    fn eq(&self, other: &Self) -> bool {
        self.0.digest == other.0.digest
    }
}

impl Eq for ContractBuild {}

impl fmt::Debug for ContractBuild {
    /// Source and digest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.source(), self.digest())
    }
}

/// The libraries of these contracts and of one another, each after those that it needs.
fn libraries(artifacts: &Artifacts, contracts: &[Contract]) -> Result<Vec<(String, Contract)>, BuildError> {
    fn add(
        artifacts: &Artifacts,
        code: &CreationCode,
        depth: usize,
        sorted: &mut Vec<(String, Contract)>,
    ) -> Result<(), BuildError> {
        for name in code.libraries() {
            if sorted.iter().any(|(known, _)| name.is(known)) {
                continue;
            }
            if depth == MOST_LIBRARIES || sorted.len() == MOST_LIBRARIES {
                return Err(BuildError::Libraries(name.to_string()));
            }
            let library = artifacts.library(name)?;
            add(artifacts, &library.code, depth + 1, sorted)?;
            // Under the name that it is linked by: layouts know a source by different paths.
            let key = name.name().filter(|name| name.contains(':'));
            sorted.push((
                key.map_or_else(|| library.qualified_name(), str::to_owned),
                library,
            ));
        }
        Ok(())
    }
    let mut sorted = Vec::new();
    for contract in contracts {
        add(artifacts, &contract.code, 0, &mut sorted)?;
    }
    let deployed: BTreeMap<String, Address> = sorted
        .iter()
        .map(|(name, _)| (name.clone(), Address::ZERO))
        .collect();
    for contract in contracts.iter().chain(sorted.iter().map(|(_, library)| library)) {
        contract.link(&deployed)?;
    }
    Ok(sorted)
}

//! Replay files: a finding, or a sequence that covered something, with all that is needed to make it again.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use alloy::primitives::{Address, Bytes};
use serde::{Deserialize, Serialize};

use super::{Broken, Evidence, Participants, TracedTransaction};
use crate::{
    files::write_whole,
    input::read_named,
    protocol::{ActorId, ProtocolSchema},
    scenario::{Loaded, Override, Scenario, ScenarioError},
};

/// The version of the format.
const FORMAT: u32 = 1;
/// Largest file that is read, in bytes.
const MOST: u64 = 64 << 20;
/// The name of the scenario in the folder that it is read from.
const SCENARIO: &str = "scenario.toml";

/// A replay file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayFile {
    /// The version of the format.
    format: u32,
    /// The version of the program that wrote it.
    pub version: String,
    /// The digest of the contracts.
    pub contracts: String,
    /// The seed of the hunt.
    pub seed: u64,
    /// The run of the hunt in which it was found, or whose accounts it has.
    pub run: u64,
    /// The scenario's variant among those of the hunt; `None` of a scenario of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<usize>,
    /// The scenario, all of it.
    scenario: String,
    /// What was broken; `None` of a sequence that broke nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
    /// Where it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// Who takes part.
    #[serde(default, rename = "actor")]
    actors: Vec<TracedActor>,
    /// The transactions.
    #[serde(default, rename = "transaction")]
    pub trace: Vec<TracedTransaction>,
    /// The data files of the scenario, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    inputs: BTreeMap<String, String>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TracedActor {
    account: Address,
    /// The protocol's role; none of one that is only a contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(default)]
    index: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<Bytes>,
}

/// A replay file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReplayFileError {
    /// It cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// It is none, or not of this version.
    #[error("{} is not a replay file: {cause}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Why, with line and column where there is one.
        cause: String,
    },
    /// The scenario in it cannot be read.
    #[error(transparent)]
    Scenario(#[from] Box<ScenarioError>),
    /// Nothing can be written where it is unpacked.
    #[error("cannot unpack {}: {cause}", path.display())]
    Unpack {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

/// What a replay file is about.
#[derive(Clone, Copy, Debug)]
pub struct Traced<'a> {
    /// The scenario's variant.
    pub scenario: &'a Scenario,
    /// Its place among the hunt's, if it is one of these.
    pub variant: Option<usize>,
    /// The seed of the hunt.
    pub seed: u64,
    /// The run.
    pub run: u64,
    /// Who takes part.
    pub participants: &'a Participants,
    /// The transactions.
    pub trace: &'a [TracedTransaction],
    /// What was broken, and where it was seen.
    pub broken: Option<(&'a Broken, &'a Evidence)>,
}

impl ReplayFile {
    /// The file of what is traced.
    #[must_use]
    pub fn of(traced: &Traced<'_>) -> Self {
        let inputs = traced.scenario.data.iter().map(|data| {
            let mut text = Vec::new();
            // Memory takes all that is written.
            let _ = data.write(&mut text);
            (
                data.name().to_owned(),
                String::from_utf8_lossy(&text).into_owned(),
            )
        });
        let roles = traced
            .participants
            .actors
            .iter()
            .map(|(actor, account)| TracedActor {
                account: *account,
                role: Some(actor.role.name().to_owned()),
                index: actor.index,
                code: None,
            });
        let code = traced
            .participants
            .contracts
            .iter()
            .map(|(account, code)| TracedActor {
                account: *account,
                role: None,
                index: 0,
                code: Some(code.clone()),
            });
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            contracts: contracts_digest(traced.scenario),
            seed: traced.seed,
            run: traced.run,
            variant: traced.variant,
            scenario: traced.scenario.to_toml(),
            broken: traced.broken.map(|(broken, _)| broken.clone()),
            evidence: traced.broken.map(|(_, evidence)| evidence.clone()),
            actors: roles.chain(code).collect(),
            trace: traced.trace.to_vec(),
            inputs: inputs.collect(),
        }
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// If it cannot be read, or is no replay file of this version.
    pub fn read(path: &Path) -> Result<Self, ReplayFileError> {
        let bytes = read_named(path, MOST).map_err(|cause| ReplayFileError::Unreadable {
            path: path.to_owned(),
            cause: cause.to_string(),
        })?;
        let invalid = |cause: String| ReplayFileError::Invalid {
            path: path.to_owned(),
            cause,
        };
        let text = String::from_utf8(bytes).map_err(|_| invalid("it is not UTF-8 text".to_owned()))?;
        let file: Self = toml::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        if file.format != FORMAT {
            return Err(invalid(format!(
                "it has format {}, and this version reads format {FORMAT}",
                file.format
            )));
        }
        let mut before = 0;
        for transaction in &file.trace {
            if transaction.block < before {
                return Err(invalid(
                    "its transactions are not in the order of their blocks".to_owned(),
                ));
            }
            before = transaction.block;
        }
        Ok(file)
    }

    /// Writes it to `path`, `comment` first.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, path: &Path, comment: &str) -> io::Result<()> {
        let document = toml::to_string(self).map_err(io::Error::other)?;
        let mut text = String::new();
        for line in comment.lines() {
            let _ = writeln!(text, "# {line}");
        }
        write_whole(path, format!("{text}{document}").as_bytes())
    }

    /// The scenario, with `overrides`.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn scenario(&self, path: &Path, overrides: &[Override]) -> Result<Scenario, ReplayFileError> {
        let unpack = |cause| ReplayFileError::Unpack {
            path: path.to_owned(),
            cause,
        };
        let folder = tempfile::tempdir().map_err(unpack)?;
        let write = |name: &str, text: &str| {
            let safe = Path::new(name)
                .components()
                .all(|part| matches!(part, std::path::Component::Normal(_)));
            if !safe {
                return Err(io::Error::other(format!("{name} is not a name of a data file")));
            }
            let path = folder.path().join(name);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, text)
        };
        write(SCENARIO, &self.scenario).map_err(unpack)?;
        for (name, text) in &self.inputs {
            write(name, text).map_err(unpack)?;
        }
        let loaded = Loaded::with_overrides(folder.path().join(SCENARIO), overrides);
        Ok(loaded.map_err(Box::new)?.scenario)
    }

    /// Who takes part, in the terms of a schema.
    #[must_use]
    pub fn participants(&self, schema: &ProtocolSchema) -> Participants {
        let role = |name: &str| schema.roles.iter().copied().find(|role| role.name() == name);
        let actors = self.actors.iter().filter_map(|actor| {
            let role = role(actor.role.as_deref()?)?;
            let index = actor.index;
            Some((ActorId { role, index }, actor.account))
        });
        let code = |actor: &TracedActor| Some((actor.account, actor.code.clone()?));
        Participants {
            actors: actors.collect(),
            contracts: self.actors.iter().filter_map(code).collect(),
        }
    }
}

/// A scenario as it is read from a file that it was written to.
///
/// # Errors
/// If it is none that can be read again.
pub(super) fn reread(scenario: &Scenario) -> Result<Scenario, ReplayFileError> {
    let file = ReplayFile::of(&Traced {
        scenario,
        variant: None,
        seed: scenario.seed,
        run: 0,
        participants: &Participants::default(),
        trace: &[],
        broken: None,
    });
    file.scenario(Path::new(SCENARIO), &[])
}

/// The digest of what a scenario deploys.
#[must_use]
pub fn contracts_digest(scenario: &Scenario) -> String {
    match &scenario.profile {
        Some(run) => run.definition.digest().to_string(),
        None => scenario.contracts.digest().to_string(),
    }
}

//! Finds contracts by name in a folder of artifacts.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    ArtifactsError, Contract, LibraryName,
    format::{abi_with_bytecode, contracts_in, stem},
};
use crate::{input::read_regular, suggest::nearest};

/// Most files and folders that are looked at.
const MOST: usize = 200_000;
/// Deepest folder below the one that is given.
const DEEPEST: usize = 32;
/// Folders that hold no artifacts of a project's own.
const SKIPPED: [&str; 3] = ["node_modules", "cache", BUILD_INFO];
/// Where compilers keep what went in and came out.
const BUILD_INFO: &str = "build-info";
/// Contracts that an error lists.
const LISTED: usize = 6;
/// Largest `foundry.toml`.
const MAX_CONFIG: u64 = 1 << 20;
/// The configuration files of Hardhat.
const HARDHAT: [&str; 6] = [
    "hardhat.config.ts",
    "hardhat.config.js",
    "hardhat.config.cjs",
    "hardhat.config.mjs",
    "hardhat.config.cts",
    "hardhat.config.mts",
];

/// Artifacts on disk. Opening lists files; a contract's artifact is read when it is asked for.
#[derive(Clone, Debug)]
pub struct Artifacts {
    /// The folder or file, as it was given or found in a project.
    path: PathBuf,
    /// Files that may hold a contract of their name, sorted.
    files: Vec<PathBuf>,
    /// Files that may hold the output of a compiler, sorted.
    bundles: Vec<PathBuf>,
}

impl Artifacts {
    /// Opens a folder of artifacts, the root of a Foundry or Hardhat project that has been compiled, or a single file: an
    /// artifact, solc's JSON output, or an ABI with a `.bin` file beside it.
    ///
    /// # Errors
    /// [`ArtifactsError`] if it cannot be read or holds nothing.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ArtifactsError> {
        let given = path.as_ref();
        let metadata = fs::metadata(given).map_err(|error| ArtifactsError::unreadable(given, error))?;
        if !metadata.is_dir() {
            let file = given.to_owned();
            return Ok(Self {
                path: file.clone(),
                files: vec![file.clone()],
                bundles: vec![file],
            });
        }
        let path = artifact_folder(given)?;
        let mut artifacts = Self {
            path: path.clone(),
            files: Vec::new(),
            bundles: Vec::new(),
        };
        let mut looked_at = 0;
        artifacts.walk(&path, 0, &mut looked_at)?;
        artifacts.files.sort();
        artifacts.bundles.sort();
        if artifacts.files.is_empty() && artifacts.bundles.is_empty() {
            return Err(ArtifactsError::Empty(path));
        }
        Ok(artifacts)
    }

    /// The contract of an ABI file and a file with its bytecode as hexadecimal digits.
    ///
    /// # Errors
    /// [`ArtifactsError`] if one of them cannot be read or is something else.
    pub fn of_abi_and_bytecode(abi: &Path, bytecode: &Path) -> Result<Contract, ArtifactsError> {
        fs::metadata(bytecode).map_err(|error| ArtifactsError::unreadable(bytecode, error))?;
        abi_with_bytecode(abi, bytecode)
    }

    /// The folder or file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The contract that `name` means: `X`, `path/X.sol:X` where several are called so, or the path of an artifact below
    /// the folder (`X.sol/X.0.8.20.json`).
    ///
    /// # Errors
    /// [`ArtifactsError`] if there is none, or more than one, or it has no bytecode.
    pub fn contract(&self, name: &str) -> Result<Contract, ArtifactsError> {
        let found = self.candidates(name)?;
        self.only(name, found)
    }

    /// As [`Artifacts::contract`], of a contract that need not have bytecode: it is on the chain already.
    ///
    /// # Errors
    /// [`ArtifactsError`] if there is none, or more than one.
    pub fn interface(&self, name: &str) -> Result<Contract, ArtifactsError> {
        match self.contract(name) {
            Err(ArtifactsError::NoCode { .. }) => {
                let first = self.candidates(name)?.into_iter().next();
                first.ok_or_else(|| self.missing(name))
            }
            found => found,
        }
    }

    /// The name of the only contract that there is, or of the one that is called like `name` but for capitals.
    ///
    /// # Errors
    /// [`ArtifactsError::Missing`] if there are several and none is called so.
    pub fn only_or_named(&self, name: &str) -> Result<String, ArtifactsError> {
        let names = self.all_names();
        if let (1, Some(only)) = (names.len(), names.first()) {
            return Ok(only.clone());
        }
        self.named_like(name).ok_or_else(|| self.missing(name))
    }

    /// The name of the contract that is called like `name` but for capitals, if there is one.
    #[must_use]
    pub fn named_like(&self, name: &str) -> Option<String> {
        let mut names = self.all_names().into_iter();
        names.find(|found| found.eq_ignore_ascii_case(name))
    }

    /// The library that a contract has to be linked with.
    ///
    /// # Errors
    /// As [`Artifacts::contract`].
    pub fn library(&self, name: &LibraryName) -> Result<Contract, ArtifactsError> {
        if let Some(name) = name.name() {
            return self.contract(name);
        }
        let mut found = Vec::new();
        for file in self.files.iter().chain(&self.bundles) {
            let contracts = contracts_in(file).unwrap_or_default();
            found.extend(
                contracts
                    .into_iter()
                    .filter(|contract| name.is(&contract.qualified_name())),
            );
        }
        self.only(&name.to_string(), found)
    }

    /// The names of all contracts, as far as the names of files tell them: `X.sol/X.json`, `X.abi`.
    #[must_use]
    pub fn names(&self) -> BTreeSet<String> {
        let is_of_contract = |file: &&PathBuf| {
            let folder = file.parent().and_then(Path::extension);
            folder.is_some_and(|kind| kind == "sol" || kind == "vy")
                || file.extension().is_some_and(|kind| kind == "abi")
        };
        self.files
            .iter()
            .filter(is_of_contract)
            .map(|file| stem(file).to_owned())
            .collect()
    }

    fn candidates(&self, asked: &str) -> Result<Vec<Contract>, ArtifactsError> {
        if asked.ends_with(".json") {
            let file = self.path.join(asked);
            return if self.files.contains(&file) {
                contracts_in(&file)
            } else {
                Ok(Vec::new())
            };
        }
        let (source, name) = asked
            .rsplit_once(':')
            .map_or((None, asked), |(source, name)| (Some(source), name));
        let is_meant = |contract: &Contract| {
            let from = contract.source.as_deref().unwrap_or_default();
            contract.name == name
                && source.is_none_or(|source| from == source || from.ends_with(&format!("/{source}")))
        };
        let mut found = Vec::new();
        for file in self.files.iter().filter(|file| stem(file) == name) {
            found.extend(contracts_in(file)?.into_iter().filter(is_meant));
        }
        if !found.is_empty() {
            return Ok(found);
        }
        // Outputs of compilers are large: they are read only where no file is called like the contract.
        let mut broken = None;
        for file in &self.bundles {
            match contracts_in(file) {
                Ok(contracts) => found.extend(contracts.into_iter().filter(is_meant)),
                Err(error) => broken = broken.or(Some(error)),
            }
        }
        if let Some(error) = broken.filter(|_| found.is_empty()) {
            return Err(error);
        }
        Ok(found)
    }

    fn only(&self, name: &str, mut found: Vec<Contract>) -> Result<Contract, ArtifactsError> {
        // An interface may be called like the contract that implements it elsewhere.
        if found.iter().any(|contract| !contract.code.is_empty()) {
            found.retain(|contract| !contract.code.is_empty());
        }
        let Some(first) = found.first().cloned() else {
            return Err(self.missing(name));
        };
        if first.code.is_empty() {
            return Err(ArtifactsError::NoCode {
                name: first.name,
                path: first.file,
            });
        }
        if found.iter().all(|other| other.is_same_as(&first)) {
            return Ok(first);
        }
        let by_source: BTreeSet<String> = found
            .iter()
            .map(|contract| contract.selector(&self.path))
            .collect();
        let candidates = if by_source.len() == found.len() {
            by_source.into_iter().collect()
        } else {
            // One source, compiled more than once.
            found
                .iter()
                .map(|contract| contract.file_below(&self.path))
                .collect()
        };
        Err(ArtifactsError::Ambiguous {
            name: name.to_owned(),
            candidates,
        })
    }

    /// The names of all contracts, those in the outputs of compilers among them.
    #[must_use]
    pub fn all_names(&self) -> BTreeSet<String> {
        let mut names = self.names();
        let bundled = self
            .bundles
            .iter()
            .filter_map(|file| contracts_in(file).ok())
            .flatten();
        names.extend(bundled.map(|contract| contract.name));
        names.retain(|name| !name.is_empty());
        names
    }

    fn missing(&self, name: &str) -> ArtifactsError {
        let names = self.all_names();
        let short = name.rsplit(':').next().unwrap_or(name);
        let mut similar: Vec<String> = names.into_iter().collect();
        let lower: Vec<String> = similar.iter().map(|name| name.to_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        if let Some(meant) = nearest(short, &lower) {
            similar.sort_by_key(|name| name.to_lowercase() != meant);
        }
        if similar.len() > LISTED {
            let rest = similar.len() - LISTED;
            similar.truncate(LISTED);
            similar.push(format!("and {rest} more"));
        }
        ArtifactsError::Missing {
            name: name.to_owned(),
            path: self.path.clone(),
            similar,
        }
    }

    fn walk(&mut self, folder: &Path, depth: usize, looked_at: &mut usize) -> Result<(), ArtifactsError> {
        let unreadable = |error: io::Error| ArtifactsError::unreadable(folder, error);
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            *looked_at += 1;
            if *looked_at > MOST {
                return Err(ArtifactsError::TooMany {
                    path: self.path.clone(),
                    most: MOST,
                });
            }
            let (path, kind) = (entry.path(), entry.file_type().map_err(unreadable)?);
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else {
                continue;
            };
            if kind.is_dir() {
                if name == BUILD_INFO {
                    self.add_build_info(&path);
                } else if depth < DEEPEST && !SKIPPED.contains(&name) {
                    self.walk(&path, depth + 1, looked_at)?;
                }
            } else if name.ends_with(".abi") || name.ends_with(".json") && !name.ends_with(".dbg.json") {
                if depth == 0 && name.ends_with(".json") {
                    self.bundles.push(path.clone());
                }
                self.files.push(path);
            }
        }
        Ok(())
    }

    /// Files of build info that hold a compiler's output; one that cannot be listed has none.
    fn add_build_info(&mut self, folder: &Path) {
        let entries = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .take(MOST)
            .filter_map(Result::ok);
        let files = entries.map(|entry| entry.path());
        self.bundles
            .extend(files.filter(|file| file.extension().is_some_and(|extension| extension == "json")));
    }
}

/// The folder of artifacts that is meant by a folder: its own, or that of the project whose root it is.
fn artifact_folder(given: &Path) -> Result<PathBuf, ArtifactsError> {
    let foundry = given
        .join("foundry.toml")
        .is_file()
        .then(|| given.join(foundry_out(given)));
    let hardhat = HARDHAT
        .iter()
        .any(|name| given.join(name).is_file())
        .then(|| given.join("artifacts"));
    match (foundry, hardhat) {
        (Some(out), Some(artifacts)) if out.is_dir() && artifacts.is_dir() => {
            Err(ArtifactsError::TwoLayouts {
                root: given.to_owned(),
                both: [out, artifacts],
            })
        }
        (Some(out), Some(artifacts)) => Ok(if artifacts.is_dir() {
            artifacts
        } else {
            built(out)?
        }),
        (Some(folder), None) | (None, Some(folder)) => built(folder),
        (None, None) => Ok(given.to_owned()),
    }
}

/// A project's folder of artifacts, if it has been compiled.
fn built(folder: PathBuf) -> Result<PathBuf, ArtifactsError> {
    if folder.is_dir() {
        Ok(folder)
    } else {
        Err(ArtifactsError::Empty(folder))
    }
}

/// The folder that a Foundry project's default profile writes to.
fn foundry_out(root: &Path) -> String {
    let config = read_regular(&root.join("foundry.toml"), MAX_CONFIG).ok();
    let config = config.and_then(|bytes| String::from_utf8(bytes).ok());
    let table = config.and_then(|text| text.parse::<toml::Table>().ok());
    let out = table
        .as_ref()
        .and_then(|table| table.get("profile")?.get("default")?.get("out")?.as_str());
    out.unwrap_or("out").to_owned()
}

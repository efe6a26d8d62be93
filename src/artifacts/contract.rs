//! A contract as its artifact describes it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use alloy::{
    json_abi::JsonAbi,
    primitives::{Address, B256, Bytes},
};

use super::{ArtifactsError, CreationCode, format::single};

/// A contract: ABI, creation code, and what its artifact says of where both came from.
#[derive(Clone, Debug)]
pub struct Contract {
    /// Its name.
    pub name: String,
    /// The source that defines it, as the compiler knew it: `src/X.sol`.
    pub source: Option<String>,
    /// The artifact.
    pub file: PathBuf,
    /// The ABI.
    pub abi: JsonAbi,
    /// The creation code, not linked.
    pub code: CreationCode,
    /// Bytes of the code that stays on chain, if the artifact says them.
    pub deployed_bytes: Option<usize>,
    /// The compiler's version, if the artifact says it: `0.8.30+commit.73712a01`.
    pub compiler: Option<String>,
    /// The storage layout, as the compiler wrote it.
    pub storage_layout: Option<serde_json::Value>,
    /// Keccak-256 of the content of every source that it was compiled from, where the artifact says it.
    pub sources: BTreeMap<String, B256>,
}

impl Contract {
    /// Reads the contract that is called `name` from the text of an artifact.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_json(name: &str, json: &str) -> Result<Self, String> {
        let value: serde_json::Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let object = value.as_object().filter(|object| object.contains_key("abi"));
        single(Path::new(name), object.ok_or("it has no ABI")?)
    }

    /// Its name with its source, as libraries are linked by: `src/X.sol:X`.
    #[must_use]
    pub fn qualified_name(&self) -> String {
        match &self.source {
            Some(source) => format!("{source}:{}", self.name),
            None => self.name.clone(),
        }
    }

    /// The code with the addresses of libraries, by fully qualified name.
    ///
    /// # Errors
    /// [`ArtifactsError::Unlinked`] with the libraries that have none.
    pub fn link(&self, deployed: &BTreeMap<String, Address>) -> Result<Bytes, ArtifactsError> {
        let unlinked = |libraries| ArtifactsError::Unlinked {
            name: self.name.clone(),
            libraries,
        };
        self.code.link(deployed).map_err(unlinked)
    }

    /// Whether both deploy the same code and have the same ABI.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.code == other.code && self.abi == other.abi
    }

    /// How to ask for it among contracts of the same name: by source, or by file where no source is known.
    pub(super) fn selector(&self, root: &Path) -> String {
        match &self.source {
            Some(source) => format!("{source}:{}", self.name),
            None => self.file_below(root),
        }
    }

    /// Its file, relative to `root`.
    pub(super) fn file_below(&self, root: &Path) -> String {
        self.file
            .strip_prefix(root)
            .unwrap_or(&self.file)
            .display()
            .to_string()
    }
}

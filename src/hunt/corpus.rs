//! The corpus: a folder of findings and of sequences that covered something, kept between hunts.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Kept, ReplayFile, ReplayFileError, Traced, contracts_digest};
use crate::scenario::{ProfileRun, Scenario};

/// The most sequences that are kept there.
const MOST: usize = 2_000;
/// How the files of sequences begin that broke nothing.
const SEQUENCE: &str = "sequence-";

/// A corpus.
#[derive(Debug)]
pub struct Corpus {
    path: PathBuf,
    /// The files that were there, findings first, in the order of their names.
    files: Vec<(PathBuf, ReplayFile)>,
}

/// A corpus cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// Its folder cannot be made or read.
    #[error("cannot use {} as a corpus: {cause}; choose another folder with --corpus", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file in it is none.
    #[error("{0}; move it out of the corpus, or remove it")]
    File(#[from] ReplayFileError),
}

impl Corpus {
    /// Reads the corpus in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// If it cannot be read, or holds a TOML file that is no replay file.
    pub fn open(path: &Path) -> Result<Self, CorpusError> {
        let unusable = |cause| CorpusError::Folder {
            path: path.to_owned(),
            cause,
        };
        fs::create_dir_all(path).map_err(unusable)?;
        let entries = fs::read_dir(path).map_err(unusable)?;
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        let mut paths = paths.collect::<Result<Vec<_>, _>>().map_err(unusable)?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        paths.sort_unstable();
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let file = ReplayFile::read(&path)?;
            files.push((path, file));
        }
        files.sort_by_key(|(_, file)| file.broken.is_none());
        Ok(Self {
            path: path.to_owned(),
            files,
        })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is to be replayed in a scenario: findings first.
    ///
    /// # Errors
    /// If a scenario in it cannot be read.
    pub fn of(&self, scenario: &Scenario) -> Result<Vec<Kept>, CorpusError> {
        let kept = |(path, file): &(PathBuf, ReplayFile)| {
            let own = file
                .variant
                .is_none()
                .then(|| file.scenario(path, &[]))
                .transpose()?;
            // With the contracts of this hunt.
            let own = own.map(|found| {
                Box::new(Scenario {
                    contracts: scenario.contracts.clone(),
                    profile: match (&scenario.profile, found.profile) {
                        (Some(now), Some(then)) => Some(ProfileRun {
                            definition: Arc::clone(&now.definition),
                            ..then
                        }),
                        (_, then) => then,
                    },
                    ..found
                })
            });
            Ok(Kept {
                variant: file.variant.unwrap_or(0),
                origin: file.run,
                of_hunt: file.seed == scenario.seed,
                participants: file.participants(scenario.schema()),
                trace: file.trace.clone(),
                scenario: own,
            })
        };
        self.files.iter().map(kept).collect()
    }

    /// Adds the sequences that a hunt kept.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn keep(&self, kept: &[Kept], variants: &[Scenario], seed: u64) -> io::Result<()> {
        let room = MOST.saturating_sub(self.files.len());
        for kept in kept.iter().take(room) {
            let scenario = &variants[kept.variant];
            let file = ReplayFile::of(&Traced {
                scenario,
                variant: Some(kept.variant),
                seed,
                run: kept.origin,
                participants: &kept.participants,
                trace: &kept.trace,
                broken: None,
            });
            let words = format!(
                "{} {:?} {:?}",
                contracts_digest(scenario),
                kept.variant,
                kept.trace
            );
            let digest = alloy::primitives::keccak256(words);
            let name = format!("{SEQUENCE}{}.toml", alloy::primitives::hex::encode(&digest[..6]));
            let path = self.path.join(name);
            if !path.exists() {
                file.write(&path, "A sequence that covered something new.")?;
            }
        }
        Ok(())
    }
}

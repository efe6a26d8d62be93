//! Profiles' files: what is read from them, and what is said of those that are wrong.

mod behaviour;
mod commands;
mod escrow;
mod read;
mod refusals;
mod relay;
mod reorg;

use std::{fs, path::Path, sync::Arc};

use taskstorm::{
    protocol::profile::Definition,
    scenario::{ScenarioError, profile},
};

use crate::support::place::Place;

/// A profile that is right, of the contract in `contracts/Market.sol`.
pub(crate) const MARKET: &str = include_str!("market.toml");

/// The folder of these tests, which holds the profile's artifacts.
pub(crate) fn here() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/profiles")
}

/// A folder with the market's profile and its artifacts.
pub(crate) fn market() -> Place {
    let place = Place::with("market.toml", MARKET);
    for name in ["Market", "Fees"] {
        let file = format!("artifacts/Market.sol/{name}.json");
        place.write(&file, fs::read(here().join(&file)).unwrap());
    }
    place
}

/// The market's profile with every `from` replaced by its `to`.
pub(crate) fn changed(changes: &[(&str, &str)]) -> String {
    let mut text = MARKET.to_owned();
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, to);
    }
    text
}

/// Reads a profile's text as a file beside the artifacts.
pub(crate) fn load(folder: &Path, text: &str) -> Result<Arc<Definition>, ScenarioError> {
    let artifacts = folder.join("artifacts");
    if !artifacts.exists() {
        fs::create_dir_all(artifacts.join("Market.sol")).unwrap();
        for name in ["Market.json", "Fees.json"] {
            let name = Path::new("Market.sol").join(name);
            fs::copy(here().join("artifacts").join(&name), artifacts.join(&name)).unwrap();
        }
    }
    let path = folder.join("my.toml");
    fs::write(&path, text).unwrap();
    profile::load(&path)
}

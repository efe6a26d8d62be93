//! Files of the runs, byte for byte: a change of the code that must not change a run changes no digest.
//!
//! Where a run is meant to change, `INSTA_UPDATE=always cargo test digests` writes the new digests.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use taskstorm::chain::embedded::VERSION;

use super::runs;

/// Names of versions in the files of a run: a digest says nothing of them.
const VERSIONS: [&str; 2] = [env!("CARGO_PKG_VERSION"), VERSION];

/// The SHA-256 of a file of a run, without the names of versions in it.
pub(super) fn digest(file: &[u8]) -> String {
    let digest = match std::str::from_utf8(file) {
        Ok(text) => Sha256::digest(VERSIONS.iter().fold(text.to_owned(), |text, version| {
            text.replace(version, "(version)")
        })),
        Err(_) => Sha256::digest(file),
    };
    digest.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[test]
fn every_file_of_every_scenario_is_the_same_as_ever() {
    let mut lines = String::new();
    for (scenario, run) in runs::all() {
        for (file, digest) in &run.digests {
            lines += &format!("{digest}  {scenario}/{file}\n");
        }
    }
    insta::assert_snapshot!("digests", lines);
}

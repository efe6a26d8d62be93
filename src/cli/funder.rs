//! The funder's key: from a file or the environment, never from the command line, and never in an output.

use std::{env, path::Path};

use alloy::hex;

use super::Failure;
use crate::{input, plan::Key};

/// The environment variable with the key.
const VARIABLE: &str = "TASKSTORM_FUNDER_KEY";
/// Bytes of a file that holds a key, at most.
const MOST: u64 = 1024;

/// The key in this file, or in the environment; `None` if neither is given.
pub(super) fn key(file: Option<&Path>) -> Result<Option<Key>, Failure> {
    if let Some(path) = file {
        let bytes = input::read_named(path, MOST).map_err(|error| {
            Failure::usage(
                format!("cannot read the funder's key from {}: {error}", path.display()),
                "give --funder-key-file a file whose only line is the key",
            )
        })?;
        return parse(&String::from_utf8_lossy(&bytes), &path.display().to_string()).map(Some);
    }
    match env::var_os(VARIABLE) {
        None => Ok(None),
        Some(text) if text.is_empty() => Ok(None),
        Some(text) => parse(&text.to_string_lossy(), &format!("${VARIABLE}")).map(Some),
    }
}

/// The key that a text is. What is wrong with it is told without it.
fn parse(text: &str, source: &str) -> Result<Key, Failure> {
    let digits = text.trim();
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    let mut secret = [0; 32];
    let decoded = hex::decode_to_slice(digits, &mut secret).ok();
    decoded.and_then(|()| Key::of(secret)).ok_or_else(|| {
        Failure::usage(
            format!("{source} does not hold a private key"),
            "a key is 64 hexadecimal digits, with or without 0x, and less than the order of secp256k1",
        )
    })
}

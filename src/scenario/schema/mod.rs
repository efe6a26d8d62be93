//! The JSON Schema of scenario files, for editors.
//!
//! It is written by hand: only a person can say what a key is for. Tests hold it to the reader: both know the same keys,
//! and what one takes as an example the other takes too.

/// The JSON Schema of scenario files (draft 7, which taplo and the editors that use it read). It describes the shape of a
/// file; what must hold between values is checked by [`Loaded`](super::Loaded) alone.
pub const SCHEMA: &str = include_str!("schema.json");

#[cfg(test)]
mod tests;

//! Contract artifacts on disk: finds contracts by name in what Foundry, Hardhat and solc write, and links their libraries.
//!
//! [`Artifacts::open`] takes a folder, a project's root or a file; [`Artifacts::contract`] finds a contract in it. Nothing
//! here knows what a contract is for.

mod code;
mod contract;
mod differences;
mod digest;
mod error;
mod find;
mod format;
mod freshness;
mod write;

pub use code::{CreationCode, LibraryName};
pub use contract::Contract;
pub use differences::abi_differences;
pub use digest::{Digest, digest, digest_of_parts};
pub use error::ArtifactsError;
pub use find::Artifacts;
pub use freshness::stale_sources;
pub use write::write_standard_json;

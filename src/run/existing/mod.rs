//! Contracts that are deployed already, which a run takes part in.

mod profile;
mod reference;

use std::path::PathBuf;

use alloy::primitives::Address;

pub(crate) use self::profile::on_chain;
pub(super) use self::reference::Existing;
use super::{DeploymentFile, RunError};
use crate::chain::rpc::{Endpoint, masked};

/// The reason why contracts that a file names cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ExistingError {
    /// The file names other contracts.
    #[error("{} names no contract {name}; it names {}", path.display(), names.join(", "))]
    Unnamed {
        /// The file.
        path: PathBuf,
        /// The contract that a run needs.
        name: String,
        /// Those that it names.
        names: Vec<String>,
    },
    /// Several contracts of a profile are called alike in the file.
    #[error(
        "{} names one {name}, and the profile deploys it as {}: name these in the file, each with its address",
        path.display(), contracts.join(" and ")
    )]
    Ambiguous {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// The contracts by the profile's names.
        contracts: Vec<String>,
    },
    /// The file is of another chain.
    #[error("{} is of chain {file}, and the chain at {} is {chain}", path.display(), masked(url))]
    OtherChain {
        /// The file.
        path: PathBuf,
        /// The chain's id in the file.
        file: u64,
        /// The address of the node.
        url: String,
        /// The chain's id there.
        chain: u64,
    },
    /// There is no code at some of the addresses.
    #[error("the chain at {} has no code at {}, where {} has contracts", masked(url), list(addresses), path.display())]
    NoCode {
        /// The file.
        path: PathBuf,
        /// The address of the node.
        url: String,
        /// The addresses.
        addresses: Vec<Address>,
    },
    /// They are not the contracts that a run can drive.
    #[error("the contracts of {} do not answer as the reference contracts do: {cause}", path.display())]
    Others {
        /// The file.
        path: PathBuf,
        /// What they answered.
        cause: String,
    },
    /// Miners of the run took part before.
    #[error(
        "{count} of the run's miners are registered at the contracts of {} already: a run with this seed was there before",
        path.display()
    )]
    Registered {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// Nobody of the run may name its oracles.
    #[error(
        "the contracts of {} do not know the oracle {oracle} of this run, and only their owner {owner} can name it",
        path.display()
    )]
    Oracle {
        /// The file.
        path: PathBuf,
        /// The oracle.
        oracle: Address,
        /// The contracts' owner.
        owner: Address,
    },
}

/// Refuses a file of another chain than that at `endpoint`.
fn check_chain(endpoint: &Endpoint, file: &DeploymentFile) -> Result<(), ExistingError> {
    match file.chain_id.filter(|id| *id != endpoint.chain_id) {
        None => Ok(()),
        Some(id) => Err(ExistingError::OtherChain {
            path: file.path.clone(),
            file: id,
            url: endpoint.http.url().to_owned(),
            chain: endpoint.chain_id,
        }),
    }
}

/// Holds the contracts that a file has at `addresses` to the chain at `endpoint`: there is code.
async fn check_code(
    endpoint: &Endpoint,
    file: &DeploymentFile,
    addresses: &[Address],
) -> Result<(), RunError> {
    let (path, url) = (file.path.clone(), endpoint.http.url().to_owned());
    let empty = endpoint.without_code(addresses).await?;
    if empty.is_empty() {
        return Ok(());
    }
    Err(ExistingError::NoCode {
        path,
        url,
        addresses: empty,
    }
    .into())
}

fn list(addresses: &[Address]) -> String {
    let addresses: Vec<String> = addresses.iter().map(Address::to_string).collect();
    addresses.join(", ")
}

//! Files that say where contracts were deployed: of `taskstorm devnet`, Foundry's broadcasts, and Hardhat Ignition.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use alloy::primitives::Address;
use serde::Deserialize;
use serde_json::Value;

use crate::input::{InputError, read_named};

/// Largest file: 64 MiB.
const MOST: u64 = 64 << 20;

/// The reason why a file does not say where contracts are.
#[derive(Debug, thiserror::Error)]
pub enum DeploymentFileError {
    /// It cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The problem.
        cause: String,
    },
    /// It is none of the files that are known.
    #[error(
        "{} is no file of a deployment: {cause}; it must be the deployment.json of taskstorm devnet, a broadcast of forge \
         script (run-latest.json) or deployed_addresses.json of Hardhat Ignition",
        path.display()
    )]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What it lacks.
        cause: String,
    },
}

/// Where contracts were deployed, as a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentFile {
    /// The file.
    pub path: PathBuf,
    /// The chain's id, if the file says it.
    pub chain_id: Option<u64>,
    /// The contracts by name. Of several of one name the last.
    pub contracts: BTreeMap<String, Address>,
}

/// `deployment.json` of a devnet.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Devnet {
    chain_id: u64,
    contracts: BTreeMap<String, DevnetContract>,
}

#[derive(Deserialize)]
struct DevnetContract {
    address: Address,
}

/// `broadcast/X.s.sol/<chain>/run-latest.json` of Foundry.
#[derive(Deserialize)]
struct Broadcast {
    transactions: Vec<BroadcastTransaction>,
    chain: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BroadcastTransaction {
    transaction_type: String,
    #[serde(default)]
    contract_name: Option<String>,
    #[serde(default)]
    contract_address: Option<Address>,
}

impl DeploymentFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// [`DeploymentFileError`].
    pub fn read(path: &Path) -> Result<Self, DeploymentFileError> {
        let bytes = read_named(path, MOST).map_err(|error: InputError| DeploymentFileError::Unreadable {
            path: path.to_owned(),
            cause: error.to_string(),
        })?;
        Self::parse(path, &bytes).map_err(|cause| DeploymentFileError::Unknown {
            path: path.to_owned(),
            cause,
        })
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Self, String> {
        let json: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let (chain_id, contracts) = if json.get("transactions").is_some() {
            let broadcast: Broadcast = serde_json::from_value(json).map_err(|error| error.to_string())?;
            (Some(broadcast.chain), broadcast.contracts())
        } else if json.get("contracts").is_some() {
            let devnet: Devnet = serde_json::from_value(json).map_err(|error| error.to_string())?;
            let contracts = devnet.contracts.into_iter();
            let contracts = contracts.map(|(name, contract)| (name, contract.address));
            (Some(devnet.chain_id), contracts.collect())
        } else {
            let ids: BTreeMap<String, Address> =
                serde_json::from_value(json).map_err(|error| error.to_string())?;
            // Ignition puts the module before the name: `Market#NodePool`.
            let name = |id: &str| id.rsplit('#').next().unwrap_or(id).to_owned();
            (None, ids.into_iter().map(|(id, at)| (name(&id), at)).collect())
        };
        if contracts.is_empty() {
            return Err("it names no contract".to_owned());
        }
        Ok(Self {
            path: path.to_owned(),
            chain_id,
            contracts,
        })
    }
}

impl Broadcast {
    /// The contracts that its transactions created.
    fn contracts(self) -> BTreeMap<String, Address> {
        let created = self.transactions.into_iter();
        let created = created.filter(|transaction| transaction.transaction_type.starts_with("CREATE"));
        created
            .filter_map(|transaction| Some((transaction.contract_name?, transaction.contract_address?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "0x0101010101010101010101010101010101010101";
    const TWO: &str = "0x0202020202020202020202020202020202020202";

    /// The chain's id, and the contracts by name.
    type Parsed = (Option<u64>, Vec<(String, Address)>);

    fn parsed(text: &str) -> Result<Parsed, String> {
        let file = DeploymentFile::parse(Path::new("file.json"), text.as_bytes())?;
        Ok((file.chain_id, file.contracts.into_iter().collect()))
    }

    #[test]
    fn every_kind_of_file_names_its_contracts() {
        let pool = |byte| vec![("NodePool".to_owned(), Address::repeat_byte(byte))];
        let devnet = format!(
            r#"{{"schemaVersion":1,"chainId":31337,"contracts":{{"NodePool":{{"address":"{ONE}","abi":"x"}}}}}}"#
        );
        let foundry = format!(
            r#"{{"transactions":[
                {{"transactionType":"CREATE","contractName":"NodePool","contractAddress":"{ONE}"}},
                {{"transactionType":"CALL","contractName":"NodePool","contractAddress":"{ONE}"}},
                {{"transactionType":"CREATE2","contractName":"NodePool","contractAddress":"{TWO}"}},
                {{"transactionType":"CREATE","contractName":null,"contractAddress":"{ONE}"}}],
               "receipts":[],"chain":5}}"#
        );
        let ignition = format!(r#"{{"Market#NodePool":"{TWO}"}}"#);
        assert_eq!(parsed(&devnet), Ok((Some(31_337), pool(1))));
        assert_eq!(parsed(&foundry), Ok((Some(5), pool(2))));
        assert_eq!(parsed(&ignition), Ok((None, pool(2))));
    }

    #[test]
    fn what_names_no_contract_is_refused() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"transactions":[],"chain":1}"#,
            r#"{"NodePool":"0x12"}"#,
        ] {
            assert!(parsed(text).is_err(), "{text}");
        }
    }
}

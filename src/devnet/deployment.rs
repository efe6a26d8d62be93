//! The deployment of a devnet, as clients read it.

use std::collections::BTreeMap;

use alloy::primitives::Address;
use serde::Serialize;

use super::DevAccount;
use crate::chain::rpc::Endpoint;

/// The folder of the ABIs beside the description.
pub(super) const ABI_FOLDER: &str = "abi";

/// A devnet as `deployment.json` describes it, in the names that JavaScript uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// The version of this description.
    pub schema_version: u32,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Where JSON-RPC is served over HTTP.
    pub rpc_url: String,
    /// Where it is served over WebSocket.
    pub ws_url: String,
    /// The contracts by name.
    pub contracts: BTreeMap<String, Contract>,
    /// An account to start with.
    pub account: DevAccount,
}

/// A deployed contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contract {
    /// Its address, with checksum.
    pub address: String,
    /// The file with its ABI, seen from the description's folder.
    pub abi: String,
}

impl Deployment {
    /// The version of the description that this program writes.
    pub const SCHEMA_VERSION: u32 = 1;

    /// These contracts on the node at `endpoint`.
    #[must_use]
    pub fn new(endpoint: &Endpoint, contracts: BTreeMap<String, Address>) -> Self {
        let rpc_url = endpoint.http.url().to_owned();
        let contract = |(name, address): (String, Address)| {
            let abi = format!("{ABI_FOLDER}/{name}.json");
            let address = address.to_string();
            (name, Contract { address, abi })
        };
        Self {
            schema_version: Self::SCHEMA_VERSION,
            chain_id: endpoint.chain_id,
            ws_url: rpc_url.replacen("http", "ws", 1),
            rpc_url,
            contracts: contracts.into_iter().map(contract).collect(),
            account: DevAccount::FIRST,
        }
    }
}

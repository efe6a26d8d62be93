//! An endpoint that answered: its addresses, and what it says of itself.

use std::time::Duration;

use alloy::primitives::{Address, B256, Bytes, U64, U256};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    Http, Refusal, RpcError, Signer,
    header::{BlockId, Header},
    retry::Attempts,
    tls,
};

/// How long a node may take for its first answer.
const GREETING: Duration = Duration::from_secs(10);
/// The parameters that ask for the first block.
const GENESIS: (&str, bool) = ("0x0", false);
/// How long an address is tried where nothing listens, or something else than a node.
const KNOCKING: Duration = Duration::from_millis(800);

/// A node that a run can use.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Where calls go.
    pub http: Http,
    /// Where new blocks are announced, if the node has a WebSocket.
    pub ws: String,
    /// The chain's id.
    pub chain_id: u64,
    /// The node's name and version, in its own words.
    pub client: String,
    /// The chain's first block, which tells it from another.
    pub genesis: BlockId,
    /// Whether the chain has no base fee and takes legacy transactions only.
    pub legacy: bool,
}

impl Endpoint {
    /// Connects to the node at `url`, `http://…` or `ws://…`, with TLS `https://…` or `wss://…`; the other scheme is expected at
    /// the same host and port, as anvil and most nodes have it. HTTP is required, since transactions go out in batches over it.
    ///
    /// # Errors
    /// [`RpcError::Address`] if the address is none of these; [`RpcError::Unreachable`], [`RpcError::Garbage`] or
    /// [`RpcError::Refused`] if the node does not answer as one.
    pub async fn connect(url: &str) -> Result<Self, RpcError> {
        let (http_url, ws_url) = both_schemes(url)?;
        let http = Http::new(&http_url)?;
        let greeted = tokio::time::timeout(GREETING, greet(&http)).await;
        let greeted = greeted.unwrap_or_else(|_| {
            let why = format!("it was silent for {} s", GREETING.as_secs());
            Err(RpcError::silent(url, why))
        });
        let (chain_id, client, genesis, latest) = match greeted {
            Err(RpcError::Unreachable { .. }) if tls::is_spoken_at(&http_url).await => {
                return Err(RpcError::insecure(
                    url,
                    "it speaks TLS".to_owned(),
                    "write https:// or wss:// in the place of http:// or ws://".to_owned(),
                ));
            }
            greeted => greeted?,
        };
        Ok(Self {
            http,
            ws: ws_url,
            chain_id,
            client,
            genesis,
            legacy: latest.base_fee_per_gas.is_none(),
        })
    }

    /// Whether it is an anvil, as it calls itself.
    #[must_use]
    pub fn is_anvil(&self) -> bool {
        self.client.to_lowercase().starts_with("anvil")
    }

    /// A signer of transactions for the chain.
    #[must_use]
    pub fn signer(&self) -> Signer {
        Signer::new(self.chain_id).legacy(self.legacy)
    }

    /// The latest block.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn latest_block(&self) -> Result<BlockId, RpcError> {
        self.http.read("eth_getBlockByNumber", ("latest", false)).await
    }

    /// The chain's id and its first block, as they are now.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub(super) async fn identity(&self) -> Result<(u64, BlockId), RpcError> {
        let chain_id: U64 = self.http.read("eth_chainId", ()).await?;
        Ok((
            chain_id.to(),
            self.http.read("eth_getBlockByNumber", GENESIS).await?,
        ))
    }

    /// Those of these contracts that have no code.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn without_code(&self, contracts: &[Address]) -> Result<Vec<Address>, RpcError> {
        let latest = contracts.iter().map(|contract| (contract, "latest"));
        let codes = self.http.read_each::<Bytes>("eth_getCode", latest, BATCH).await?;
        let empty = codes
            .iter()
            .map(|code| code.as_ref().is_ok_and(|code| code.is_empty()));
        let contracts = contracts.iter().copied().zip(empty);
        Ok(contracts
            .filter(|(_, empty)| *empty)
            .map(|(contract, _)| contract)
            .collect())
    }

    /// The nonce that an account's next transaction takes, after those that wait in the node's pool.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn nonce(&self, account: Address) -> Result<u64, RpcError> {
        self.nonce_at(account, "pending").await
    }

    /// The nonce that an account's next transaction takes, after those that are in blocks.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn included_nonce(&self, account: Address) -> Result<u64, RpcError> {
        self.nonce_at(account, "latest").await
    }

    async fn nonce_at(&self, account: Address, state: &str) -> Result<u64, RpcError> {
        let nonce: U64 = self
            .http
            .read("eth_getTransactionCount", (account, state))
            .await?;
        Ok(nonce.to())
    }

    /// Where the node has the transaction with this hash.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn transaction_status(&self, hash: B256) -> Result<TransactionStatus, RpcError> {
        let found: Option<Found> = self.http.read("eth_getTransactionByHash", [hash]).await?;
        Ok(found.into())
    }

    /// As [`Endpoint::transaction_status`], of many transactions. One without an answer is taken to be in the node's pool:
    /// nothing follows from that.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn transaction_statuses(&self, hashes: &[B256]) -> Result<Vec<TransactionStatus>, RpcError> {
        let method = "eth_getTransactionByHash";
        let hashes = hashes.iter().map(|hash| [hash]);
        let answers = self
            .http
            .read_each::<Option<Found>>(method, hashes, BATCH)
            .await?;
        let status = |found: Result<Option<Found>, _>| found.map_or(TransactionStatus::Pool, Into::into);
        Ok(answers.into_iter().map(status).collect())
    }

    /// As [`Endpoint::nonce`], of many accounts.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn nonces(&self, accounts: &[Address]) -> Result<Vec<u64>, RpcError> {
        let nonces = self
            .of_each::<U64>("eth_getTransactionCount", accounts, "pending")
            .await?;
        Ok(nonces.into_iter().map(|nonce| nonce.to()).collect())
    }

    /// The number of transactions of each account that are in blocks, without those that wait in the node's pool.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn included_nonces(&self, accounts: &[Address]) -> Result<Vec<u64>, RpcError> {
        let nonces = self
            .of_each::<U64>("eth_getTransactionCount", accounts, "latest")
            .await?;
        Ok(nonces.into_iter().map(|nonce| nonce.to()).collect())
    }

    /// What each account has, in wei, after the latest block.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn balances(&self, accounts: &[Address]) -> Result<Vec<U256>, RpcError> {
        self.of_each("eth_getBalance", accounts, "latest").await
    }

    /// What a method says of each account at a block.
    async fn of_each<T: DeserializeOwned>(
        &self,
        method: &'static str,
        accounts: &[Address],
        block: &'static str,
    ) -> Result<Vec<T>, RpcError> {
        let params = accounts.iter().map(|account| (account, block));
        let answers = self.http.read_each::<T>(method, params, BATCH).await?;
        let answer =
            |answer: Result<T, Refusal>| answer.map_err(|refusal| self.http.refused(method, refusal));
        answers.into_iter().map(answer).collect()
    }
}

/// Where a node has a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    /// Nowhere: it never came, or was dropped.
    Unknown,
    /// In its pool, waiting for a block.
    Pool,
    /// In a block.
    Block,
}

/// The field of a transaction that tells where it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    block_number: Option<U64>,
}

impl From<Option<Found>> for TransactionStatus {
    fn from(found: Option<Found>) -> Self {
        match found {
            None => Self::Unknown,
            Some(Found { block_number: None }) => Self::Pool,
            Some(Found {
                block_number: Some(_),
            }) => Self::Block,
        }
    }
}

/// Accounts or transactions asked about in one request.
const BATCH: usize = 500;

/// Asks a node for its chain's id, its own name, and the chain's first and latest block. One that fails now and then is asked again.
async fn greet(http: &Http) -> Result<(u64, String, BlockId, Header), RpcError> {
    let mut attempts = Attempts::within(GREETING);
    loop {
        let asked = async {
            let chain_id: U64 = http.call("eth_chainId", ()).await?;
            let client: String = http.call("web3_clientVersion", ()).await?;
            let genesis = http.call("eth_getBlockByNumber", GENESIS).await?;
            let latest = http.call("eth_getBlockByNumber", ("latest", false)).await?;
            Ok((chain_id.to(), client, genesis, latest))
        };
        let error: RpcError = match asked.await {
            Ok(greeting) => return Ok(greeting),
            Err(error) => error,
        };
        if error.is_no_node() {
            attempts.lose_patience(KNOCKING);
        }
        attempts.pause(error).await.map_err(RpcError::into_root)?;
    }
}

/// The HTTP and the WebSocket address of the endpoint at `url`.
fn both_schemes(url: &str) -> Result<(String, String), RpcError> {
    let swap = |from: &str, to: &str| url.strip_prefix(from).map(|rest| format!("{to}{rest}"));
    if let Err(cause) = reqwest::Url::parse(url) {
        return Err(RpcError::Address {
            url: url.to_owned(),
            cause: cause.to_string(),
        });
    }
    for (http, ws) in [("http://", "ws://"), ("https://", "wss://")] {
        if let Some(ws) = swap(http, ws) {
            return Ok((url.to_owned(), ws));
        }
        if let Some(http) = swap(ws, http) {
            return Ok((http, url.to_owned()));
        }
    }
    Err(RpcError::Address {
        url: url.to_owned(),
        cause: "unknown scheme".to_owned(),
    })
}

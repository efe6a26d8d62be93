//! An endpoint that answered: its addresses, and what it says of itself.

use std::time::Duration;

use alloy::{
    primitives::{Address, B256, U64},
    transports::http::reqwest,
};
use serde::Deserialize;

use super::{Http, Request, RpcError, masked};

/// How long a node may take for its first answer.
const GREETING: Duration = Duration::from_secs(10);

/// A node that a run can use.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Where calls go.
    pub http: Http,
    /// Where new blocks are announced; `None` if it has no WebSocket.
    pub ws: Option<String>,
    /// The chain's id.
    pub chain_id: u64,
    /// The node's name and version, in its own words.
    pub client: String,
}

impl Endpoint {
    /// Connects to the node at `url`, `http://…` or `ws://…`; the other scheme is expected at the same host and port,
    /// as anvil and most nodes have it. HTTP is required, since transactions go out in batches over it.
    ///
    /// # Errors
    /// [`RpcError::Address`] if the address is none of these; [`RpcError::Unreachable`], [`RpcError::Garbage`] or
    /// [`RpcError::Refused`] if the node does not answer as one.
    pub async fn connect(url: &str) -> Result<Self, RpcError> {
        let (http_url, ws_url) = both_schemes(url)?;
        let http = Http::new(&http_url)?;
        let greeting = async {
            let chain_id: U64 = http.call("eth_chainId", ()).await?;
            let client: String = http.call("web3_clientVersion", ()).await?;
            Ok((chain_id, client))
        };
        let greeted = tokio::time::timeout(GREETING, greeting).await;
        let (chain_id, client) = greeted.unwrap_or_else(|_| {
            Err(RpcError::Unreachable {
                url: url.to_owned(),
                cause: format!("it was silent for {} s", GREETING.as_secs()),
            })
        })?;
        let ws = super::watcher::announces(&ws_url).await.then_some(ws_url);
        if ws.is_none() {
            let url = masked(url);
            tracing::warn!("{url} has no WebSocket: new blocks are polled for, and seen up to 20 ms late");
        }
        Ok(Self {
            http,
            ws,
            chain_id: chain_id.to(),
            client,
        })
    }

    /// The number of the latest block.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn latest_block(&self) -> Result<u64, RpcError> {
        Ok(self.http.call::<U64>("eth_blockNumber", ()).await?.to())
    }

    /// The nonce that an account's next transaction takes, after those that wait in the node's pool.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn nonce(&self, account: Address) -> Result<u64, RpcError> {
        Ok(self
            .http
            .call::<U64>("eth_getTransactionCount", (account, "pending"))
            .await?
            .to())
    }

    /// Where the node has the transaction with this hash.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn whereabouts(&self, hash: B256) -> Result<Whereabouts, RpcError> {
        let found: Option<Found> = self.http.call("eth_getTransactionByHash", [hash]).await?;
        Ok(match found {
            None => Whereabouts::Unknown,
            Some(Found { block_number: None }) => Whereabouts::Pool,
            Some(Found {
                block_number: Some(_),
            }) => Whereabouts::Block,
        })
    }

    /// As [`Endpoint::nonce`], of many accounts.
    ///
    /// # Errors
    /// Any [`RpcError`].
    pub async fn nonces(&self, accounts: &[Address]) -> Result<Vec<u64>, RpcError> {
        let method = "eth_getTransactionCount";
        let mut nonces = Vec::with_capacity(accounts.len());
        for accounts in accounts.chunks(BATCH) {
            let requests: Vec<_> = accounts
                .iter()
                .map(|account| Request::new(method, (account, "pending")))
                .collect::<Result<_, _>>()?;
            for answer in self.http.batch::<U64>(&requests).await? {
                nonces.push(answer.map_err(|refusal| self.http.refused(method, refusal))?.to());
            }
        }
        Ok(nonces)
    }
}

/// Where a node has a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
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

/// Accounts asked about in one request.
const BATCH: usize = 500;

/// The HTTP and the WebSocket address of the endpoint at `url`.
fn both_schemes(url: &str) -> Result<(String, String), RpcError> {
    let swap = |from: &str, to: &str| url.strip_prefix(from).map(|rest| format!("{to}{rest}"));
    if let Err(cause) = reqwest::Url::parse(url) {
        return Err(RpcError::Address {
            url: url.to_owned(),
            cause: cause.to_string(),
        });
    }
    if let Some(ws) = swap("http://", "ws://") {
        return Ok((url.to_owned(), ws));
    }
    if let Some(http) = swap("ws://", "http://") {
        return Ok((http, url.to_owned()));
    }
    Err(RpcError::Address {
        url: url.to_owned(),
        cause: "unknown scheme".to_owned(),
    })
}

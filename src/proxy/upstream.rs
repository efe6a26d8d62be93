//! The node behind the proxy.

use std::{io, sync::Mutex};

use reqwest::Url;
use serde_json::{Value, json};

use super::{ProxyError, lock};
use crate::chain::rpc::client_builder;

/// The node behind the proxy, which may move.
#[derive(Debug)]
pub(super) struct Upstream {
    address: Mutex<Url>,
    client: reqwest::Client,
}

impl Upstream {
    /// The node at this address.
    pub(super) fn at(address: &str) -> Result<Self, ProxyError> {
        let client = client_builder(address).build();
        Ok(Self {
            address: Mutex::new(parse(address)?),
            client: client.map_err(|error| ProxyError::Start(error.to_string()))?,
        })
    }

    /// The node is at another address from now on.
    pub(super) fn move_to(&self, address: &str) -> Result<(), ProxyError> {
        *lock(&self.address) = parse(address)?;
        Ok(())
    }

    /// Where it takes WebSockets.
    pub(super) fn ws_url(&self) -> String {
        // `https` becomes `wss`.
        lock(&self.address).as_str().replacen("http", "ws", 1)
    }

    /// Has it carry a request out, and returns the body of its answer.
    pub(super) async fn post(&self, body: Vec<u8>) -> io::Result<Vec<u8>> {
        let address = lock(&self.address).clone();
        let request = self
            .client
            .post(address)
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(body);
        let response = request.send().await.map_err(io::Error::other)?;
        Ok(response.bytes().await.map_err(io::Error::other)?.to_vec())
    }

    /// The result of a call.
    pub(super) async fn call(&self, method: &str, params: Value) -> io::Result<Value> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = self.post(request.to_string().into_bytes()).await?;
        let mut answer: Value = serde_json::from_slice(&answer)?;
        match answer.get("error") {
            Some(error) => Err(io::Error::other(error.to_string())),
            None => Ok(answer["result"].take()),
        }
    }

    /// The number of its latest block.
    pub(super) async fn latest(&self) -> io::Result<u64> {
        let number = self.call("eth_blockNumber", json!([])).await?;
        quantity(&number).ok_or_else(|| io::Error::other("no block number"))
    }
}

/// A number as JSON-RPC writes it.
pub(super) fn quantity(value: &Value) -> Option<u64> {
    u64::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok()
}

fn parse(address: &str) -> Result<Url, ProxyError> {
    let url = Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    url.ok_or_else(|| {
        ProxyError::Address("the node's address must be http://host:port or https://host".to_owned())
    })
}

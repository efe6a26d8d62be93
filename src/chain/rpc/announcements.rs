//! WebSocket subscriptions: new blocks, and their priority logs.

use std::collections::VecDeque;

use alloy::primitives::{Address, B256, Bytes, U64};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
    tungstenite::{Error, Message},
};

use super::{
    Refusal, RpcError,
    header::BlockId,
    logs::LogOfBlock,
    masked, scrubbed,
    tls::{self, is_secure, trusting},
};
use crate::chain::{Log, LogPriority};

/// An announcement of the node.
#[derive(Debug)]
pub(super) enum Announcement {
    /// There is a new block.
    Head(Head),
    /// A log of a block that is announced before it or after it: nodes differ.
    Log {
        /// The number of its block.
        block: u64,
        /// The log.
        log: Log,
    },
    /// The priority logs of a block; `None` if the node refuses.
    PriorityLogs {
        /// The number of the block.
        block: u64,
        /// The logs.
        logs: Option<Vec<LogOfBlock>>,
    },
}

/// A connection over which a node announces.
///
/// The priority logs of a new block are asked for over the same socket: another request would queue up behind the
/// transactions that the node held back while it made the block.
#[derive(Debug)]
pub(super) struct Announcements {
    url: String,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    priority: LogPriority,
    /// What was announced while the answer to a subscription was waited for.
    early: VecDeque<Push>,
    /// Id of the subscription to new blocks.
    heads: String,
    /// Id of the subscription to logs; `None` if the node has none.
    logs: Option<String>,
}

/// A message of the node: an answer or an announcement.
#[derive(Debug, Deserialize)]
struct Text {
    id: Option<u64>,
    result: Option<Box<RawValue>>,
    error: Option<Refusal>,
    params: Option<Push>,
}

#[derive(Debug, Deserialize)]
struct Push {
    subscription: String,
    result: Box<RawValue>,
}

/// The header of a new block.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    /// The block.
    #[serde(flatten)]
    pub(super) id: BlockId,
    /// The hash of the block before it.
    pub(super) parent_hash: B256,
    /// Its timestamp in seconds since the Unix epoch.
    #[serde(with = "alloy::serde::quantity")]
    pub(super) timestamp: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnnouncedLog {
    block_number: U64,
    log_index: U64,
    address: Address,
    topics: Vec<B256>,
    data: Bytes,
    /// Whether its block is no longer the chain's.
    #[serde(default)]
    removed: bool,
}

impl Announcements {
    /// Connects to the node at `url` and subscribes to new blocks, and to the logs that are answered at once.
    ///
    /// # Errors
    /// [`RpcError::Unreachable`] if it has no WebSocket or announces no blocks, [`RpcError::Garbage`] if what it says
    /// is not JSON-RPC.
    pub(super) async fn subscribe(url: &str, priority: LogPriority) -> Result<Self, RpcError> {
        let connector = is_secure(url).then(|| Connector::Rustls(trusting()));
        let connected = connect_async_tls_with_config(url, None, false, connector).await;
        let (socket, _) = connected.map_err(|error| match error {
            // An answer over HTTP that is meant for good.
            Error::Http(response) if response.status().is_client_error() => RpcError::NoWebSocket {
                url: url.to_owned(),
                status: response.status().as_u16(),
            },
            error => match tls::problem(&error) {
                Some((cause, remedy)) => RpcError::insecure(url, cause, remedy),
                None => RpcError::silent(url, error),
            },
        })?;
        let mut announcements = Self {
            url: url.to_owned(),
            socket,
            priority,
            early: VecDeque::new(),
            heads: String::new(),
            logs: None,
        };
        let heads = announcements.ask_for(json!(["newHeads"])).await?;
        announcements.heads = heads.map_err(|refusal| RpcError::silent(url, refusal))?;
        let LogPriority {
            contract, immediate, ..
        } = &announcements.priority;
        let logs = json!(["logs", { "address": contract, "topics": [immediate] }]);
        announcements.logs = match announcements.ask_for(logs).await? {
            Ok(id) => Some(id),
            Err(refusal) => {
                let (url, refusal) = (masked(url), scrubbed(url, &refusal.to_string()));
                tracing::debug!("{url} does not announce logs, they are read with their blocks: {refusal}");
                None
            }
        };
        Ok(announcements)
    }

    /// The next announcement. Nothing is lost if it is not waited for.
    ///
    /// # Errors
    /// As [`Announcements::subscribe`].
    pub(super) async fn next(&mut self) -> Result<Announcement, RpcError> {
        loop {
            let Some(push) = self.early.pop_front() else {
                match self.text().await? {
                    Text {
                        params: Some(push), ..
                    } => self.early.push_back(push),
                    Text {
                        id: Some(block),
                        result,
                        ..
                    } => {
                        let logs = result.map(|logs| self.parse(&logs)).transpose()?;
                        return Ok(Announcement::PriorityLogs { block, logs });
                    }
                    _ => {}
                }
                continue;
            };
            if push.subscription == self.heads {
                return self.parse(&push.result).map(Announcement::Head);
            }
            if self.logs.as_ref() == Some(&push.subscription) {
                let log: AnnouncedLog = self.parse(&push.result)?;
                if log.removed {
                    continue;
                }
                return Ok(Announcement::Log {
                    block: log.block_number.to(),
                    log: Log {
                        index: log.log_index.to(),
                        address: log.address,
                        topics: log.topics,
                        data: log.data,
                    },
                });
            }
        }
    }

    /// Asks for the priority logs of a block by its number, which the answer will have as its id.
    ///
    /// # Errors
    /// As [`Announcements::subscribe`].
    pub(super) async fn ask_for_priority_logs(&mut self, number: u64) -> Result<(), RpcError> {
        let LogPriority { contract, next, .. } = &self.priority;
        let block = U64::from(number);
        let filter = json!({ "fromBlock": block, "toBlock": block, "address": contract, "topics": [next] });
        self.send(number, "eth_getLogs", json!([filter])).await
    }

    /// Asks for a subscription and returns its id, or the node's refusal.
    async fn ask_for(&mut self, params: Value) -> Result<Result<String, Refusal>, RpcError> {
        self.send(0, "eth_subscribe", params).await?;
        loop {
            match self.text().await? {
                Text {
                    params: Some(push), ..
                } => self.early.push_back(push),
                Text { result: Some(id), .. } => return self.parse(&id).map(Ok),
                Text {
                    error: Some(refusal), ..
                } => return Ok(Err(refusal)),
                _ => {}
            }
        }
    }

    async fn send(&mut self, id: u64, method: &str, params: Value) -> Result<(), RpcError> {
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let sent = self.socket.send(Message::text(request.to_string())).await;
        sent.map_err(|error| RpcError::silent(&self.url, error))
    }

    /// The next message that is text.
    async fn text(&mut self) -> Result<Text, RpcError> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    return serde_json::from_str(&text)
                        .map_err(|_| RpcError::garbage(&self.url, text.as_bytes()));
                }
                Some(Ok(Message::Close(_))) | None => {
                    return Err(RpcError::silent(&self.url, "the node closed the connection"));
                }
                // Pings are answered by the library.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(RpcError::silent(&self.url, error)),
            }
        }
    }

    fn parse<'a, T: Deserialize<'a>>(&self, json: &'a RawValue) -> Result<T, RpcError> {
        serde_json::from_str(json.get()).map_err(|_| RpcError::garbage(&self.url, json.get().as_bytes()))
    }
}

//! A connection over WebSocket, relayed message by message.

use std::{collections::VecDeque, future, io, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::Instant};
use tokio_tungstenite::{
    WebSocketStream, connect_async_tls_with_config,
    tungstenite::{self, Message, handshake::derive_accept_key, protocol::Role},
};

use super::{Shared, answer, lock, planned::PlannedFaults, request::Request, sends};
use crate::{chain::rpc::connector, fault::Verdict};

/// A fault of a WebSocket connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketFault {
    /// No connection: the answer to the request for one has this HTTP status.
    Refused(u16),
    /// The connection is closed, without a word, so long after it was opened.
    CutAfter(Duration),
    /// The node's messages no longer come through from so long after it was opened on; the connection stays.
    SilentAfter(Duration),
    /// `eth_subscribe` is never answered.
    NoSubscriptions,
    /// Every new block is announced twice.
    TwiceTold,
    /// Every second new block is announced after the one that follows it.
    OutOfOrder,
    /// Every message of the node comes so much later.
    Delayed(Duration),
}

/// A fault and the connections that have it.
#[derive(Clone, Copy, Debug)]
pub struct SocketRule {
    fault: SocketFault,
    /// How many connections are let be first.
    skip: u64,
    /// How many have it at most.
    times: u64,
}

impl SocketRule {
    /// Every connection has it.
    pub const fn always(fault: SocketFault) -> Self {
        Self {
            fault,
            skip: 0,
            times: u64::MAX,
        }
    }

    /// Lets so many connections be first.
    pub const fn skip(mut self, connections: u64) -> Self {
        self.skip = connections;
        self
    }

    /// So many connections have it at most.
    pub const fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// Whether the next connection has it.
    fn hits(&mut self) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        let hits = self.times > 0;
        self.times = self.times.saturating_sub(1);
        hits
    }
}

/// Answers a request for a WebSocket, and relays until either end closes it.
pub(super) async fn serve(
    mut stream: TcpStream,
    early: Vec<u8>,
    key: &str,
    shared: &Arc<Shared>,
) -> io::Result<()> {
    shared.count("sockets");
    let planned = shared.planned();
    if planned.as_ref().is_some_and(|planned| planned.refuses_sockets()) {
        shared.count("fault: socket refused");
        return stream
            .write_all(b"HTTP/1.1 503 -\r\nContent-Length: 0\r\n\r\n")
            .await;
    }
    let fault = lock(&shared.socket_rules)
        .iter_mut()
        .find_map(|rule| rule.hits().then_some(rule.fault));
    if let Some(SocketFault::Refused(status)) = fault {
        shared.count("fault: socket refused");
        let head = format!("HTTP/1.1 {status} -\r\nContent-Length: 0\r\n\r\n");
        return stream.write_all(head.as_bytes()).await;
    }
    let url = shared.upstream.ws_url();
    let connector = connector(&url);
    let (node, _) = connect_async_tls_with_config(url, None, false, connector)
        .await
        .map_err(io::Error::other)?;
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    let client = WebSocketStream::from_partially_read(stream, early, Role::Server, None).await;
    tokio::select! {
        relayed = relay(client, node, fault, shared) => relayed.map_err(io::Error::other),
        () = cut(planned.as_deref()) => Ok(()),
    }
}

/// Resolves when a plan cuts the connection.
async fn cut(planned: Option<&PlannedFaults>) {
    match planned {
        Some(planned) => planned.sockets_cut().await,
        None => future::pending().await,
    }
}

/// Relays messages between `client` and `node`.
async fn relay<C, N>(
    mut client: WebSocketStream<C>,
    mut node: WebSocketStream<N>,
    fault: Option<SocketFault>,
    shared: &Arc<Shared>,
) -> Result<(), tungstenite::Error>
where
    C: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    N: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let opened = Instant::now();
    let (cut, silent) = match fault {
        Some(SocketFault::CutAfter(after)) => (Some(opened + after), None),
        Some(SocketFault::SilentAfter(after)) => (None, Some(opened + after)),
        _ => (None, None),
    };
    let delay = match fault {
        Some(SocketFault::Delayed(delay)) => delay,
        _ => Duration::ZERO,
    };
    let mut late: VecDeque<(Instant, Message)> = VecDeque::new();
    let mut heads = Heads::default();
    loop {
        let due = late.front().map(|(at, _)| *at);
        tokio::select! {
            () = until(cut) => {
                shared.count("fault: socket cut");
                return Ok(());
            }
            () = until(due) => {
                if let Some((_, message)) = late.pop_front() {
                    client.send(message).await?;
                }
            }
            message = client.next() => {
                let Some(message) = message.transpose()? else { return Ok(()) };
                let subscribes = message.to_text().is_ok_and(|text| text.contains("eth_subscribe"));
                if subscribes && fault == Some(SocketFault::NoSubscriptions) {
                    shared.count("fault: subscription unanswered");
                } else if let Some(answer) = planned_answer(&message, shared).await {
                    client.send(answer).await?;
                } else {
                    node.send(message).await?;
                }
            }
            message = node.next() => {
                let Some(message) = message.transpose()? else { return Ok(()) };
                if let Some(planned) = shared.planned() {
                    planned.wait_for_answers().await;
                }
                if silent.is_some_and(|from| Instant::now() >= from) {
                    shared.count("fault: socket silent");
                    continue;
                }
                for message in heads.pass(message, fault, shared) {
                    late.push_back((Instant::now() + delay, message));
                }
            }
        }
    }
}

/// The answer to a request of one call that a plan says something about: errors, and what becomes of transactions.
async fn planned_answer(message: &Message, shared: &Arc<Shared>) -> Option<Message> {
    let planned = shared.planned()?;
    let request = Request::parse(message.to_text().ok()?.as_bytes().to_vec());
    let [call] = request.calls.as_slice() else {
        return None;
    };
    shared.count(&call.method);
    let answer = match planned.request() {
        Verdict::Refuse => {
            shared.count("fault: request refused");
            answer::error(&request, -32_000, "the proxy's fault")
        }
        Verdict::Corrupt => {
            shared.count("fault: garbage");
            b"garbage".to_vec()
        }
        _ if call.method == sends::SEND => sends::forward(&request, shared, &planned).await.ok()?,
        _ => return None,
    };
    Some(Message::text(String::from_utf8(answer).ok()?))
}

/// What was held back of the announcements of new blocks.
#[derive(Debug, Default)]
struct Heads {
    held: Option<Message>,
    seen: u64,
}

impl Heads {
    /// The messages that come through now.
    fn pass(&mut self, message: Message, fault: Option<SocketFault>, shared: &Shared) -> Vec<Message> {
        let is_head = is_head(&message);
        self.seen += u64::from(is_head);
        match fault {
            Some(SocketFault::TwiceTold) if is_head => {
                shared.count("fault: head twice");
                vec![message.clone(), message]
            }
            Some(SocketFault::OutOfOrder) if is_head && self.seen.is_multiple_of(2) => {
                shared.count("fault: head held back");
                self.held.replace(message).into_iter().collect()
            }
            _ if is_head => [message].into_iter().chain(self.held.take()).collect(),
            _ => vec![message],
        }
    }
}

/// Whether a message announces a new block.
fn is_head(message: &Message) -> bool {
    let json = message
        .to_text()
        .ok()
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    json.is_some_and(|json| json["params"]["result"]["parentHash"].is_string())
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => future::pending().await,
    }
}

//! A faulty JSON-RPC proxy on loopback, between a client and a node: HTTP and WebSocket on one port.
//!
//! Requests are forwarded unless a [`Rule`] injects a fault; WebSocket connections are relayed message by message unless
//! a [`SocketRule`] does. The proxy owns its sockets down to the reset, which an HTTP server library does not allow;
//! `httparse` reads request heads.

mod fault;
mod http;
mod request;
mod rule;
mod socket;

use std::{
    collections::BTreeMap,
    net::{self, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::watch,
};

use super::http::client;

pub(crate) use self::{
    fault::{Fault, RetryAfter},
    rule::{Rule, faulty},
    socket::{SocketFault, SocketRule},
};
use self::{request::Request, rule::Rules};

/// Time between attempts to bind an address again.
const RETRY: Duration = Duration::from_millis(20);

/// A proxy that runs until it is dropped, on threads of its own.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// `None` only while the proxy is dropped.
    runtime: Option<Runtime>,
}

/// What all connections of a proxy share.
#[derive(Debug)]
struct Shared {
    upstream: Mutex<SocketAddr>,
    client: reqwest::Client,
    rules: Mutex<Rules>,
    socket_rules: Mutex<Vec<SocketRule>>,
    counts: Mutex<BTreeMap<String, u64>>,
    /// Whether the proxy listens. When it does not, connections are refused and open ones are closed.
    up: watch::Sender<bool>,
}

impl Proxy {
    /// A proxy in front of the node at `upstream`, `http://HOST:PORT`, that injects no fault yet.
    pub(crate) fn of(upstream: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("proxy")
            .enable_all()
            .build()
            .expect("a runtime");
        let shared = Arc::new(Shared {
            upstream: Mutex::new(address(upstream)),
            client: client(),
            rules: Mutex::default(),
            socket_rules: Mutex::default(),
            counts: Mutex::default(),
            up: watch::Sender::new(true),
        });
        // Bound without the runtime: the caller may be within another.
        let listener = net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        listener
            .set_nonblocking(true)
            .expect("a listener that does not block");
        let address = listener.local_addr().expect("an address");
        let listen = listen(listener, address, Arc::clone(&shared));
        runtime.spawn(listen);
        Self {
            address,
            shared,
            runtime: Some(runtime),
        }
    }

    /// Injects the fault of this rule from now on. Of several rules that match a request the first counts.
    pub(crate) fn rule(&self, rule: Rule) {
        lock(&self.shared.rules).push(rule);
    }

    /// Injects the fault of this rule into WebSocket connections that are opened from now on.
    pub(crate) fn socket_rule(&self, rule: SocketRule) {
        lock(&self.shared.socket_rules).push(rule);
    }

    /// Where clients connect over HTTP.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where clients connect over WebSocket.
    pub(crate) fn ws_url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Stops to listen and closes every connection, until [`Proxy::open`].
    pub(crate) fn close(&self) {
        self.shared.up.send_replace(false);
    }

    /// Listens again, in front of the node at `upstream`.
    pub(crate) fn open(&self, upstream: &str) {
        *lock(&self.shared.upstream) = address(upstream);
        self.shared.up.send_replace(true);
    }

    /// How often something happened: a method was called, a fault was injected, `batches`, `connections`, `sockets`.
    pub(crate) fn count(&self, what: &str) -> u64 {
        lock(&self.shared.counts).get(what).copied().unwrap_or_default()
    }

    /// All counts, by name.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        lock(&self.shared.counts).clone()
    }

    /// How many faults were injected in all.
    pub(crate) fn faults(&self) -> u64 {
        let counts = self.counts();
        let faults = counts.iter().filter(|(name, _)| name.starts_with("fault: "));
        faults.map(|(_, count)| count).sum()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    fn upstream(&self) -> SocketAddr {
        *lock(&self.upstream)
    }

    fn count(&self, what: impl Into<String>) {
        *lock(&self.counts).entry(what.into()).or_default() += 1;
    }

    /// Counts a request, and returns the fault that is to be injected into it with the methods that it concerns.
    fn pick(&self, request: &Request) -> Option<Rule> {
        for call in &request.calls {
            self.count(&call.method);
        }
        if request.is_batch {
            self.count("batches");
        }
        let rule = lock(&self.rules).pick(request)?;
        self.count(format!("fault: {}", rule.fault.name()));
        Some(rule)
    }
}

/// Accepts connections while the proxy is up; the address is bound again after it was down.
async fn listen(listener: net::TcpListener, address: SocketAddr, shared: Arc<Shared>) {
    let mut listener = TcpListener::from_std(listener).ok();
    let mut up = shared.up.subscribe();
    loop {
        let is_up = *up.borrow_and_update();
        match (&listener, is_up) {
            (Some(open), true) => tokio::select! {
                _ = up.changed() => {}
                accepted = open.accept() => if let Ok((stream, _)) = accepted {
                    tokio::spawn(connection(stream, Arc::clone(&shared)));
                },
            },
            (None, true) => {
                listener = TcpListener::bind(address).await.ok();
                if listener.is_none() {
                    tokio::time::sleep(RETRY).await;
                }
            }
            (_, false) => {
                listener = None;
                if up.changed().await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Serves a connection until either end closes it or the proxy goes down.
async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let mut up = shared.up.subscribe();
    shared.count("connections");
    tokio::select! {
        // A connection that breaks is no concern of the proxy's.
        _ = http::serve(stream, &shared) => {}
        _ = up.wait_for(|up| !up) => {}
    }
}

fn address(url: &str) -> SocketAddr {
    let place = url.trim_start_matches("http://").trim_end_matches('/');
    place.parse().unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// Nothing that holds one of these locks can leave half a change.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

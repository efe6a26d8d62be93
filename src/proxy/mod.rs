//! A faulty proxy between a JSON-RPC client and a node: HTTP and WebSocket on one port.
//!
//! Requests are forwarded unless a [`Rule`] injects a fault, WebSocket connections are relayed message by message unless a
//! [`SocketRule`] does, and a [`FaultPlan`] has a node fail as `[faults]` says. The proxy owns its sockets down to the reset,
//! which an HTTP server library does not allow; `httparse` reads request heads.

mod answer;
mod anvil;
mod http;
mod names;
mod planned;
mod request;
mod rule;
mod sends;
mod socket;
mod upstream;

use std::{
    collections::BTreeMap,
    io,
    net::{self, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::watch,
};

pub use self::{
    answer::{AnswerFault, RetryAfter},
    names::Names,
    rule::{Rule, faulty},
    socket::{SocketFault, SocketRule},
};
use self::{planned::PlannedFaults, request::Request, rule::Rules, upstream::Upstream};
use crate::fault::{FaultLog, FaultPlan};

/// Time between attempts to bind an address again.
const RETRY: Duration = Duration::from_millis(20);

/// The reason why there is no proxy.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// It cannot listen there.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        error: io::Error,
    },
    /// The node's address is none.
    #[error("{0}")]
    Address(String),
    /// The system has no threads or no HTTP client for it.
    #[error("the proxy cannot start: {0}")]
    Start(String),
}

/// A proxy that runs until it is dropped, on threads of its own.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// `None` only while the proxy is dropped.
    runtime: Option<Runtime>,
}

/// What all connections of a proxy share.
#[derive(Debug)]
struct Shared {
    upstream: Upstream,
    rules: Mutex<Rules>,
    socket_rules: Mutex<Vec<SocketRule>>,
    planned: Mutex<Option<Arc<PlannedFaults>>>,
    counts: Mutex<BTreeMap<String, u64>>,
    /// Whether the proxy listens. When it does not, connections are refused and open ones are closed.
    up: watch::Sender<bool>,
}

impl Proxy {
    /// A proxy on a free port of loopback in front of the node at `upstream`, `http://HOST:PORT`, that injects no fault yet.
    ///
    /// # Errors
    /// [`ProxyError`] if it cannot start.
    pub fn start(upstream: &str) -> Result<Self, ProxyError> {
        Self::listening_on(upstream, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// The same on this address; port 0 is a free one.
    ///
    /// # Errors
    /// [`ProxyError`] if it cannot start.
    pub fn listening_on(upstream: &str, address: SocketAddr) -> Result<Self, ProxyError> {
        let start = |error: io::Error| ProxyError::Start(error.to_string());
        let listening = |error| ProxyError::Listen { address, error };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("proxy")
            .enable_all()
            .build()
            .map_err(start)?;
        let shared = Arc::new(Shared {
            upstream: Upstream::at(upstream)?,
            rules: Mutex::default(),
            socket_rules: Mutex::default(),
            planned: Mutex::default(),
            counts: Mutex::default(),
            up: watch::Sender::new(true),
        });
        // Bound without the runtime: the caller may be within another.
        let listener = net::TcpListener::bind(address).map_err(listening)?;
        listener.set_nonblocking(true).map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let listen = listen(listener, address, Arc::clone(&shared));
        runtime.spawn(listen);
        Ok(Self {
            address,
            shared,
            runtime: Some(runtime),
        })
    }

    /// Injects the fault of this rule from now on. Of several rules that match a request the first counts.
    pub fn rule(&self, rule: Rule) {
        lock(&self.shared.rules).push(rule);
    }

    /// Injects the fault of this rule into WebSocket connections that are opened from now on.
    pub fn socket_rule(&self, rule: SocketRule) {
        lock(&self.shared.socket_rules).push(rule);
    }

    /// Has the node fail as `plan` says, from [`Proxy::begin_faults`] on. Moments count from `epoch`; `names` tell whom a
    /// transaction is of. Faults of blocks are made with anvil's own methods.
    pub fn inject(&self, plan: &FaultPlan, seed: u64, names: Names, epoch: Instant) {
        let planned = Arc::new(PlannedFaults::new(plan, seed, names, epoch));
        *lock(&self.shared.planned) = Some(Arc::clone(&planned));
        if let Some(runtime) = &self.runtime {
            runtime.spawn(anvil::follow_blocks(Arc::clone(&self.shared), planned));
        }
    }

    /// The windows of planned faults begin.
    pub fn begin_faults(&self) {
        if let Some(planned) = self.shared.planned() {
            planned.begin();
        }
    }

    /// No planned fault strikes any more.
    pub fn end_faults(&self) {
        if let Some(planned) = self.shared.planned() {
            planned.end();
        }
    }

    /// What happened of the planned faults.
    #[must_use]
    pub fn fault_log(&self) -> FaultLog {
        let planned = self.shared.planned();
        planned.map_or_else(FaultLog::default, |planned| planned.log())
    }

    /// The time since the epoch up to which planned faults kept transactions or blocks back; `None` if one still does.
    #[must_use]
    pub fn withheld_until(&self) -> Option<Duration> {
        match self.shared.planned() {
            Some(planned) => planned.withheld_until(),
            None => Some(Duration::ZERO),
        }
    }

    /// A transaction with this calldata calls a function of this name.
    pub fn learn_function(&self, input: &[u8], name: &'static str) {
        if let Some(planned) = self.shared.planned() {
            planned.learn_function(input, name);
        }
    }

    /// Where clients connect over HTTP.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where clients connect over WebSocket.
    #[must_use]
    pub fn ws_url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Stops to listen and closes every connection, until [`Proxy::open`].
    pub fn close(&self) {
        self.shared.up.send_replace(false);
    }

    /// Listens again, in front of the node at `upstream`.
    ///
    /// # Errors
    /// [`ProxyError::Address`] if that is none.
    pub fn open(&self, upstream: &str) -> Result<(), ProxyError> {
        self.shared.upstream.move_to(upstream)?;
        self.shared.up.send_replace(true);
        Ok(())
    }

    /// How often something happened: a method was called, a fault was injected, `batches`, `connections`, `sockets`.
    #[must_use]
    pub fn count(&self, what: &str) -> u64 {
        lock(&self.shared.counts).get(what).copied().unwrap_or_default()
    }

    /// All counts, by name.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        lock(&self.shared.counts).clone()
    }

    /// How many faults were injected in all.
    #[must_use]
    pub fn faults(&self) -> u64 {
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
    fn count(&self, what: impl Into<String>) {
        *lock(&self.counts).entry(what.into()).or_default() += 1;
    }

    /// Faults by a plan, if there is one.
    fn planned(&self) -> Option<Arc<PlannedFaults>> {
        lock(&self.planned).clone()
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

/// Nothing that holds one of these locks can leave half a change.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

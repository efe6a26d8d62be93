//! A node as a transport: transactions are signed and sent, blocks watched, reads made in batches.

use std::{collections::HashMap, pin::Pin, sync::Arc, time::Duration};

use alloy::primitives::{Address, B256};
use secp256k1::SecretKey;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::{precise_timer::PreciseTimer, reads};
use crate::{
    chain::rpc::{Endpoint, FeeMarket, Order, RpcError, RunClock, SendReport, Sender, TransactionStatus},
    driver::{
        TxId,
        run_loop::TICK,
        transport::{Lookup, Outgoing, Report, Transport, Why},
    },
    fees::Eip1559Fees,
    protocol::{ActorId, Protocol},
    proxy::Proxy,
    record::StopReason,
    time::Micros,
};

/// The number of reports that are taken at once, before what they caused is sent.
const REPORTS: usize = 4096;
/// The number of transactions that are looked for at once.
const LOOKUPS: usize = 16;

/// A node, and what its tasks tell.
pub(super) struct NodeTransport<P: Protocol, N> {
    endpoint: Endpoint,
    clock: RunClock,
    keys: HashMap<ActorId, SecretKey>,
    sender: Sender,
    /// What is to be sent and read next.
    orders: Vec<Order>,
    queries: Vec<P::Query>,
    outbox: mpsc::UnboundedSender<Report<P>>,
    inbox: mpsc::UnboundedReceiver<Report<P>>,
    stop: CancellationToken,
    node_ended: Pin<Box<N>>,
    /// `None` where the system has no thread for it.
    precise_timer: Option<PreciseTimer>,
    /// Limits how many transactions are looked for at once: thousands miss their deadlines together when a node stands
    /// still, and as many requests would keep it from catching up.
    lookups: Arc<Semaphore>,
    /// The fees that the chain asks for, if those of transactions follow them.
    market: Option<FeeMarket>,
    /// The faulty proxy that the node is behind, if it is.
    proxy: Option<Arc<Proxy>>,
    last_tick: Micros,
}

impl<P: Protocol, N: Future<Output = ()>> NodeTransport<P, N> {
    pub(super) fn new(
        endpoint: Endpoint,
        clock: RunClock,
        keys: HashMap<ActorId, SecretKey>,
        (outbox, inbox): (
            mpsc::UnboundedSender<Report<P>>,
            mpsc::UnboundedReceiver<Report<P>>,
        ),
        stop: CancellationToken,
        node_ended: N,
        (market, proxy): (Option<FeeMarket>, Option<Arc<Proxy>>),
    ) -> Self {
        let reports = outbox.clone();
        let report = move |report| {
            // Of one that nobody answered shows when it is in a block, or when its deadline passes, whether the node has it.
            if let Some(step) = step(report) {
                let _ = reports.send(step);
            }
        };
        Self {
            sender: Sender::new(endpoint.http.clone(), endpoint.signer(), clock, report),
            endpoint,
            clock,
            keys,
            orders: Vec::new(),
            queries: Vec::new(),
            outbox,
            inbox,
            stop,
            node_ended: Box::pin(node_ended),
            precise_timer: PreciseTimer::start().ok(),
            lookups: Arc::new(Semaphore::new(LOOKUPS)),
            market,
            proxy,
            last_tick: Micros::ZERO,
        }
    }

    /// Has a task ask the node something and tell what came of it.
    fn ask(&self, question: impl Future<Output = Result<Option<Report<P>>, RpcError>> + Send + 'static) {
        let outbox = self.outbox.clone();
        tokio::spawn(async move {
            let told = match question.await {
                Ok(told) => told,
                Err(error) => Some(Report::Over(StopReason::ChainLost, Some(error.to_string()))),
            };
            if let Some(told) = told {
                let _ = outbox.send(told);
            }
        });
    }
}

impl<P: Protocol, N: Future<Output = ()>> Transport<P> for NodeTransport<P, N> {
    const BATCH: usize = 20;
    const INSPECTS: bool = false;

    fn tells_drops(&self) -> bool {
        false
    }

    fn now(&self) -> Micros {
        self.clock.now()
    }

    fn may_advance(&self) -> bool {
        true
    }

    fn ticks(&mut self) -> bool {
        let now = self.clock.now();
        let ticks = now - self.last_tick >= TICK;
        if ticks {
            self.last_tick = now;
        }
        ticks
    }

    fn real_time(&self) -> Option<Duration> {
        None
    }

    fn fees(&self, planned: Eip1559Fees) -> Eip1559Fees {
        match &self.market {
            Some(market) => market.fees(planned),
            None => planned,
        }
    }

    fn replacing(&self, before: Eip1559Fees, planned: Eip1559Fees) -> Option<Eip1559Fees> {
        self.market.as_ref()?.replacing(before, planned)
    }

    fn note_base_fee(&mut self, base_fee: u64) {
        if let Some(market) = &self.market {
            market.note_base_fee(base_fee);
        }
    }

    fn load_begins(&mut self, _: Micros) {
        if let Some(proxy) = &self.proxy {
            proxy.begin_faults();
        }
    }

    fn load_over(&mut self) {
        if let Some(proxy) = &self.proxy {
            proxy.end_faults();
        }
    }

    fn withheld_until(&self) -> Option<Micros> {
        match &self.proxy {
            Some(proxy) => proxy.withheld_until().map(Micros::from),
            None => Some(Micros::ZERO),
        }
    }

    fn send(&mut self, transaction: Outgoing) {
        if let Some(proxy) = &self.proxy {
            proxy.learn_function(&transaction.invocation.input, transaction.function.name());
        }
        if let Some(key) = self.keys.get(&transaction.actor) {
            self.orders.push(Order {
                tx: transaction.tx,
                key: *key,
                nonce: transaction.nonce,
                invocation: transaction.invocation,
                fees: transaction.fees,
            });
        }
    }

    fn read(&mut self, query: P::Query, _: &P::Contracts) {
        self.queries.push(query);
    }

    fn locate(&mut self, lookup: Lookup, why: Why) {
        let endpoint = self.endpoint.clone();
        let lookups = Arc::clone(&self.lookups);
        self.ask(async move {
            // It is never closed.
            let _permit = lookups.acquire().await;
            let Lookup {
                tx,
                account,
                nonce,
                after_pool,
                hashes,
            } = lookup;
            // In this order: a transaction that is not there cannot be what raised the nonce read after it,
            // unless it came between the two: then it is there when it is looked for again.
            let mut status = status_of(&endpoint, &hashes).await?;
            let next_nonce = match after_pool {
                true => endpoint.nonce(account).await?,
                false => endpoint.included_nonce(account).await?,
            };
            if status == TransactionStatus::Unknown && next_nonce > nonce {
                status = status_of(&endpoint, &hashes).await?;
            }
            Ok(Some(Report::Located {
                tx,
                why,
                status,
                next_nonce,
            }))
        });
    }

    fn find_gone(&mut self, transactions: Vec<(TxId, Vec<B256>)>) {
        let endpoint = self.endpoint.clone();
        self.ask(async move {
            let hashes = transactions.iter().flat_map(|(_, hashes)| hashes).copied();
            let hashes: Vec<B256> = hashes.collect();
            let mut statuses = endpoint.transaction_statuses(&hashes).await?.into_iter();
            let gone = transactions.iter().filter(|(_, hashes)| {
                let of_one: Vec<_> = statuses.by_ref().take(hashes.len()).collect();
                of_one
                    .into_iter()
                    .all(|status| status == TransactionStatus::Unknown)
            });
            Ok(Some(Report::Gone(gone.map(|(tx, _)| *tx).collect())))
        });
    }

    fn find_code(&mut self, contracts: Vec<Address>) {
        let endpoint = self.endpoint.clone();
        self.ask(async move {
            // What cannot be asked now is asked with the next doubt.
            let without_code = endpoint.without_code(&contracts).await.unwrap_or_default();
            let over = || Report::Over(StopReason::ChainLost, Some(no_code(&without_code)));
            Ok((!without_code.is_empty()).then(over))
        });
    }

    fn immediate(&mut self) -> Option<Report<P>> {
        None
    }

    async fn next(
        &mut self,
        wake: Option<Micros>,
        busy: bool,
        contracts: &P::Contracts,
        reports: &mut Vec<Report<P>>,
    ) {
        self.sender.order(std::mem::take(&mut self.orders));
        let queries = std::mem::take(&mut self.queries);
        reads::read::<P>(&self.endpoint.http, contracts, queries, &self.outbox);
        let tick = self.clock.now() + TICK;
        let at = self.clock.instant(wake.map_or(tick, |wake| wake.min(tick)));
        let timer = async {
            match &self.precise_timer {
                Some(clock) => clock.rings(at).await,
                None => tokio::time::sleep_until(at.into()).await,
            }
        };
        tokio::select! {
            biased;
            () = self.stop.cancelled() => reports.push(Report::Over(StopReason::Interrupted, None)),
            () = &mut self.node_ended => {
                reports.push(Report::Over(StopReason::ChainLost, Some("the node ended".to_owned())));
            }
            _ = self.inbox.recv_many(reports, REPORTS) => {}
            () = timer => {}
            () = tokio::task::yield_now(), if busy => {}
        }
    }
}

/// What a report of the sender's tells; `None` if it tells nothing.
fn step<P: Protocol>(report: SendReport) -> Option<Report<P>> {
    Some(match report {
        SendReport::Sent {
            tx,
            at,
            nonce,
            hash,
            fees,
        } => Report::Sent {
            tx,
            at,
            nonce,
            hash: Some(hash),
            fees,
        },
        SendReport::Again { tx } => Report::SentAgain { tx },
        SendReport::Accepted { tx, at, hash } => Report::Accepted { tx, at, hash },
        SendReport::Refused { tx, refusal } => Report::Refused {
            tx,
            reason: refusal.to_string(),
        },
        SendReport::Unanswered { .. } => return None,
    })
}

/// Where the node has a transaction that it may have under one of several hashes.
async fn status_of(endpoint: &Endpoint, hashes: &[B256]) -> Result<TransactionStatus, RpcError> {
    for hash in hashes {
        let status = endpoint.transaction_status(*hash).await?;
        if status != TransactionStatus::Unknown {
            return Ok(status);
        }
    }
    Ok(TransactionStatus::Unknown)
}

/// The reason why a run ends whose contracts are gone.
fn no_code(contracts: &[Address]) -> String {
    let contracts: Vec<String> = contracts.iter().map(Address::to_string).collect();
    format!(
        "the chain has no code any more at {}, where the run deployed its contracts",
        contracts.join(", ")
    )
}

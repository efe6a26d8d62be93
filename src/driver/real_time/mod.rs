//! Real time: the wall clock, a node behind JSON-RPC, and everything that may go wrong between them.

mod decoder;
mod node;
mod precise_timer;
mod reads;

use std::{sync::Arc, time::Duration};

use secp256k1::SecretKey;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::{decoder::Decoder, node::NodeTransport};
use super::{
    EndCondition, Ended, Engine, RunObserver, accounts::Account, run_loop::Driver, transport::Report,
};
use crate::{
    chain::{
        LogPriority, REORG_DEPTH,
        rpc::{BlockId, Endpoint, FeeMarket, RunClock, watch},
    },
    fees::Eip1559Fees,
    protocol::{ActorId, DeployedContracts, Protocol},
    proxy::Proxy,
    record::{NodeResult, Recorder, StopReason},
};

/// An actor's account.
#[derive(Clone, Debug)]
pub struct NodeAccount {
    /// Whose it is.
    pub actor: ActorId,
    /// Its secret key.
    pub key: SecretKey,
    /// The fees of its transactions.
    pub fees: Eip1559Fees,
    /// The nonce that its next transaction takes.
    pub nonce: u64,
}

/// Settings of a run in real time.
#[derive(Debug)]
pub struct RealTimeSettings {
    /// The node.
    pub endpoint: Endpoint,
    /// The block after which the run begins.
    pub start: BlockId,
    /// The run's clock.
    pub clock: RunClock,
    /// The account of every actor.
    pub accounts: Vec<NodeAccount>,
    /// When the run ends.
    pub end_condition: EndCondition,
    /// A transaction not in a block by then is looked for, sent again, and at last lost.
    pub transaction_deadline: Duration,
    /// The fees that the chain asks for, if those of transactions follow them; `None` for fees as planned.
    pub market: Option<FeeMarket>,
    /// The faulty proxy that the endpoint is behind; `None` if it is not.
    pub proxy: Option<Arc<Proxy>>,
    /// How old replies of the node may be.
    pub old_replies: Duration,
}

/// Runs `engine` on a node until its tasks are over, the node is lost or has `ended`, or `stop` is cancelled, and closes the
/// records.
pub async fn run<P: Protocol>(
    mut engine: Engine<P>,
    settings: RealTimeSettings,
    node_ended: impl Future<Output = ()> + Send,
    stop: CancellationToken,
    observer: &mut dyn RunObserver,
) -> (Recorder, Ended) {
    engine.remember(REORG_DEPTH);
    engine.expect_old_replies(settings.old_replies);
    let (outbox, inbox) = mpsc::unbounded_channel();
    let decoder = Decoder::new(engine.contracts().clone());
    let watcher = tokio::spawn(announce_blocks(
        settings.endpoint.clone(),
        settings.start,
        engine.contracts().log_priority(),
        settings.clock,
        decoder,
        outbox.clone(),
    ));
    let http = settings.endpoint.http.clone();
    let follower = settings.market.clone().map(|market| {
        let endpoint = settings.endpoint.clone();
        tokio::spawn(async move { market.follow(&endpoint).await })
    });
    let accounts = settings.accounts.iter().map(|account| Account {
        actor: account.actor,
        fees: account.fees,
        nonce: account.nonce,
    });
    let accounts: Vec<Account> = accounts.collect();
    let keys = settings
        .accounts
        .iter()
        .map(|account| (account.actor, account.key));
    let transport = NodeTransport::new(
        settings.endpoint,
        settings.clock,
        keys.collect(),
        (outbox, inbox),
        stop,
        node_ended,
        (settings.market, settings.proxy.clone()),
    );
    let driver = Driver::new(
        engine,
        transport,
        accounts,
        settings.end_condition,
        settings.transaction_deadline,
    );
    let driven = driver.drive(observer).await;
    watcher.abort();
    if let Some(follower) = follower {
        follower.abort();
    }
    let mut ended = driven.ended;
    ended.faults = settings.proxy.map(|proxy| proxy.fault_log());
    ended.node = Some(NodeResult {
        repeated: http.troubles().by_cause(),
        notices: http.troubles().notices(),
        ..driven.node
    });
    (driven.recorder, ended)
}

/// Hands every new block to the driver's loop, its logs decoded, and says when the node is lost.
async fn announce_blocks<P: Protocol>(
    endpoint: Endpoint,
    start: BlockId,
    priority: LogPriority,
    clock: RunClock,
    decoder: Decoder<P>,
    outbox: mpsc::UnboundedSender<Report<P>>,
) {
    let reports = outbox.clone();
    let report = move |event| {
        decoder.decode(event, |report| {
            let _ = reports.send(report);
        });
    };
    if let Err(error) = watch(&endpoint, start, priority, clock, report).await {
        let _ = outbox.send(Report::Over(StopReason::ChainLost, Some(error.to_string())));
    }
}

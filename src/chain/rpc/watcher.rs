//! Watching the chain: each new block, once, with all its receipts, and a few logs of it before that.

use std::time::Duration;

use alloy::{
    primitives::{Address, B256, U64},
    providers::{Provider, ProviderBuilder, WsConnect},
    rpc::types::{self, Filter},
};
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    task::JoinSet,
};

use super::{Clock, Endpoint, Http, RpcError, blocks::BlockReader};
use crate::{
    chain::{Block, BlockLogs, Log},
    time::Micros,
};

/// How often an endpoint without WebSocket is asked for its latest block. It bounds how late a block is seen.
const POLL: Duration = Duration::from_millis(20);
/// How long the node may take to say that it is still there when no block has come.
const SILENCE: Duration = Duration::from_secs(5);
/// Announced logs that may wait to be taken. What is more is not told early.
const LOGS: usize = 4096;

/// What there is to tell of the chain.
#[derive(Clone, Debug)]
pub enum Sighting {
    /// A log of a new block, told before the block is. Only where the node announces logs, and not for sure even then.
    Log(EarlyLog),
    /// All logs of a new block, told before the block is. Only where the node is read by logs and traces.
    Logs(BlockLogs),
    /// A new block, with all that its transactions did.
    Block(Block),
}

/// A log that is told before its block.
#[derive(Clone, Debug)]
pub struct EarlyLog {
    /// The log.
    pub log: Log,
    /// When the run learned that its block exists.
    pub seen: Micros,
    /// Its block's timestamp in seconds since the Unix epoch.
    pub block_timestamp: u64,
}

/// Follows the chain at `endpoint` from the block after `from` on and hands every block to `report`, in order, until
/// the node is lost. New blocks are announced over WebSocket, or found by polling where the endpoint has none.
///
/// To read a block takes a while. The logs that the contract of this address writes with one of the `urgent` topics are
/// announced over WebSocket, too, and handed to `report` as they come; they are in their block all the same.
///
/// # Errors
/// Why the node was lost.
pub async fn watch<R>(
    endpoint: &Endpoint,
    from: u64,
    urgent: (Address, Vec<B256>),
    clock: Clock,
    report: R,
) -> Result<(), RpcError>
where
    R: Fn(Sighting) + Clone + Send + Sync + 'static,
{
    let (heads, mut announced) = mpsc::unbounded_channel();
    let announce = move |number, seen| heads.send((number, seen)).is_ok();
    let (http, ws) = (endpoint.http.clone(), endpoint.ws.clone());
    // A task of its own: the moment at which a block is seen must not wait for the last one to be read. It ends with
    // this set.
    let mut announcer = JoinSet::new();
    let early = report.clone();
    announcer.spawn(async move {
        match ws {
            Some(url) => {
                let tell = |log| early(Sighting::Log(log));
                subscribe(&http, &url, urgent, clock, announce, tell).await
            }
            None => poll(&http, clock, announce).await,
        }
    });
    let blocks = BlockReader::new(&endpoint.http, &endpoint.client);
    let reader = async {
        let mut next = from + 1;
        while let Some((number, seen)) = announced.recv().await {
            while next <= number {
                let tell = |logs| report(Sighting::Logs(logs));
                let block = blocks.read(next, seen, tell).await?;
                report(Sighting::Block(block));
                next += 1;
            }
        }
        Err(RpcError::Unreachable {
            url: endpoint.http.url().to_owned(),
            cause: "new blocks are no longer announced".to_owned(),
        })
    };
    tokio::select! {
        Some(Ok(Err(lost))) = announcer.join_next() => Err(lost),
        lost = reader => lost,
    }
}

/// Announces blocks as the node does, and notices when it no longer answers; tells urgent logs.
async fn subscribe(
    http: &Http,
    url: &str,
    (contract, topics): (Address, Vec<B256>),
    clock: Clock,
    announce: impl Fn(u64, Micros) -> bool,
    tell: impl Fn(EarlyLog),
) -> Result<(), RpcError> {
    let lost = |cause: String| RpcError::Unreachable {
        url: url.to_owned(),
        cause,
    };
    let provider = ProviderBuilder::new()
        .connect_ws(WsConnect::new(url).with_max_retries(0))
        .await
        .map_err(|error| lost(error.to_string()))?;
    let mut heads = provider
        .subscribe_blocks()
        .await
        .map_err(|error| lost(error.to_string()))?;
    let filter = Filter::new().address(contract).event_signature(topics);
    let mut logs = match provider.subscribe_logs(&filter).channel_size(LOGS).await {
        Ok(logs) => Some(logs),
        Err(error) => {
            tracing::debug!("{url} does not announce logs, they are read with their blocks: {error}");
            None
        }
    };
    let mut urgent = Urgent::default();
    loop {
        let next_log = async {
            match &mut logs {
                Some(logs) => logs.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            head = heads.recv() => {
                let head = head.map_err(|error| lost(format!("the node closed the subscription ({error})")))?;
                let seen = clock.now();
                if !announce(head.number, seen) {
                    return Ok(());
                }
                urgent.head(head.number, seen, head.timestamp, &tell);
            }
            log = next_log => match log {
                Ok(log) => urgent.log(log, &tell),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => logs = None,
            },
            () = tokio::time::sleep(SILENCE) => {
                let number = latest(http).await?;
                announce(number, clock.now());
            }
        }
    }
}

/// Urgent logs and the latest block. Nodes differ in which they announce first.
#[derive(Default)]
struct Urgent {
    /// The latest block's number, when it was seen, and its timestamp.
    head: Option<(u64, Micros, u64)>,
    /// Logs of blocks that are not announced yet.
    waiting: Vec<types::Log>,
}

impl Urgent {
    fn head(&mut self, number: u64, seen: Micros, timestamp: u64, tell: impl Fn(EarlyLog)) {
        self.head = Some((number, seen, timestamp));
        for log in std::mem::take(&mut self.waiting) {
            self.log(log, &tell);
        }
    }

    /// Tells a log of the latest block and keeps one of a later. One of an earlier block is left to be read with it.
    fn log(&mut self, log: types::Log, tell: impl Fn(EarlyLog)) {
        match (self.head, log.block_number) {
            (Some((number, seen, block_timestamp)), Some(of)) if of == number => tell(EarlyLog {
                log: Log {
                    address: log.address(),
                    topics: log.topics().to_vec(),
                    data: log.inner.data.data,
                },
                seen,
                block_timestamp,
            }),
            (head, Some(of)) if head.is_none_or(|(number, ..)| of > number) => self.waiting.push(log),
            _ => {}
        }
    }
}

/// Whether new blocks are announced at `url`.
pub(super) async fn announces(url: &str) -> bool {
    let connect = ProviderBuilder::new().connect_ws(WsConnect::new(url).with_max_retries(0));
    matches!(tokio::time::timeout(SILENCE, connect).await, Ok(Ok(_)))
}

async fn poll(http: &Http, clock: Clock, announce: impl Fn(u64, Micros) -> bool) -> Result<(), RpcError> {
    let mut last = None;
    loop {
        let number = latest(http).await?;
        if last.replace(number) != Some(number) && !announce(number, clock.now()) {
            return Ok(());
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn latest(http: &Http) -> Result<u64, RpcError> {
    Ok(http.call::<U64>("eth_blockNumber", ()).await?.to())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn an_urgent_log_is_told_as_seen_with_its_block_whichever_is_announced_first() {
        let told = RefCell::new(Vec::new());
        let tell = |log: EarlyLog| told.borrow_mut().push((log.seen.0, log.block_timestamp));
        let log = |number| types::Log {
            block_number: Some(number),
            ..types::Log::default()
        };
        let mut urgent = Urgent::default();
        urgent.log(log(7), tell);
        assert!(told.borrow().is_empty());
        urgent.head(7, Micros(70), 1007, tell);
        urgent.log(log(7), tell);
        urgent.log(log(8), tell);
        // Late: its block is read by now, or about to be.
        urgent.log(log(6), tell);
        assert_eq!(*told.borrow(), [(70, 1007), (70, 1007)]);
        urgent.head(8, Micros(80), 1008, tell);
        assert_eq!(told.borrow().last(), Some(&(80, 1008)));
        // A block that was never announced takes its logs along.
        urgent.log(log(9), tell);
        urgent.head(10, Micros(100), 1010, tell);
        assert_eq!(told.borrow().len(), 3);
    }
}

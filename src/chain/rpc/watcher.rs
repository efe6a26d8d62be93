//! Watching the chain: each new block, once, with all its receipts, and a few logs of it before that.

use std::time::Duration;

use alloy::primitives::U64;
use tokio::{sync::mpsc, task::JoinSet};

use super::{
    Clock, Endpoint, Http, RpcError,
    announcements::{Announcement, Announcements},
    blocks::BlockReader,
};
use crate::{
    chain::{Block, BlockLogs, Log, Urgent},
    time::Micros,
};

/// How often an endpoint without WebSocket is asked for its latest block. It bounds how late a block is seen.
const POLL: Duration = Duration::from_millis(20);
/// For what part of the time between blocks, and how long at most, the reading of a block is put off once its urgent
/// logs are told: node and sender have most to do just then.
const REST: u32 = 8;
const LONGEST_REST: Duration = Duration::from_millis(120);
/// How long the node may take to say that it is still there when no block has come.
const SILENCE: Duration = Duration::from_secs(5);

/// What there is to tell of the chain.
#[derive(Clone, Debug)]
pub enum Sighting {
    /// A log of a new block, told before the block is. Only where the node announces logs, and not for sure even then.
    Log(EarlyLog),
    /// The urgent logs of a new block, told before all of them are. Only where all of them are told before the block.
    Urgent(BlockLogs),
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

/// A block that exists.
#[derive(Clone, Copy, Debug)]
struct Seen {
    number: u64,
    /// When the run learned of it.
    at: Micros,
    /// In seconds since the Unix epoch.
    timestamp: u64,
}

/// Follows the chain at `endpoint` from the block after `from` on and hands every block to `report`, in order, until
/// the node is lost. New blocks are announced over WebSocket, or found by polling where the endpoint has none.
///
/// To read a block takes a while. The node announces those logs that are answered at once with the block, and those
/// that are answered soon are read before the rest; both are handed to `report` as they come, and are in their block all
/// the same.
///
/// # Errors
/// Why the node was lost.
pub async fn watch<R>(
    endpoint: &Endpoint,
    from: u64,
    mut urgent: Urgent,
    clock: Clock,
    report: R,
) -> Result<(), RpcError>
where
    R: Fn(Sighting) + Clone + Send + Sync + 'static,
{
    let blocks = BlockReader::new(&endpoint.http, &endpoint.client);
    if !blocks.tells_logs_first() {
        urgent.soon.clear();
    }
    let (unread, mut announced) = mpsc::unbounded_channel();
    let announce = move |number: u64, at: Micros| unread.send((number, at)).is_ok();
    let rests = blocks.tells_logs_first() && endpoint.ws.is_some();
    let (http, ws, early) = (endpoint.http.clone(), endpoint.ws.clone(), report.clone());
    // A task of its own: the moment at which a block is seen must not wait for the last one to be read. It ends with
    // this set.
    let mut announcer = JoinSet::new();
    announcer.spawn(async move {
        match ws {
            Some(url) => listen(&http, &url, urgent, clock, announce, early).await,
            None => poll(&http, clock, announce).await,
        }
    });
    let reader = async {
        let mut next = from + 1;
        let mut last = None;
        while let Some((number, seen)) = announced.recv().await {
            if let (true, Some(last)) = (rests, last.replace(seen)) {
                let rest = ((seen - last) / REST).min(LONGEST_REST);
                tokio::time::sleep_until(clock.instant(seen + rest).into()).await;
            }
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

/// Announces blocks as the node does, each as soon as its urgent logs are told, and notices when the node no longer
/// answers.
async fn listen(
    http: &Http,
    url: &str,
    urgent: Urgent,
    clock: Clock,
    announce: impl Fn(u64, Micros) -> bool,
    tell: impl Fn(Sighting),
) -> Result<(), RpcError> {
    let awaits_logs = !urgent.soon.is_empty();
    let mut announcements = Announcements::subscribe(url, urgent).await?;
    let mut latest = Latest::default();
    // A block whose urgent logs are awaited before the rest of it is read.
    let mut held: Option<Seen> = None;
    loop {
        let announcement = tokio::time::timeout(SILENCE, announcements.next()).await;
        let ready = match announcement.ok().transpose()? {
            Some(Announcement::Head { number, timestamp }) => {
                let at = clock.now();
                let block = Seen {
                    number,
                    at,
                    timestamp,
                };
                latest.head(block, |log| tell(Sighting::Log(log)));
                // The logs of the one before, if they are still awaited, are late: it is read as it is.
                let late = held.replace(block);
                if awaits_logs { late } else { held.take() }
            }
            Some(Announcement::Log { block, log }) => {
                latest.log(block, log, |log| tell(Sighting::Log(log)));
                None
            }
            Some(Announcement::Urgent { block, logs }) => {
                let block = held.take_if(|held| held.number == block);
                if let (Some(block), Some(transactions)) = (block, logs) {
                    tell(Sighting::Urgent(BlockLogs {
                        number: block.number,
                        timestamp: block.timestamp,
                        seen: block.at,
                        transactions,
                    }));
                }
                block
            }
            None => {
                let number = latest_number(http).await?;
                let (at, timestamp) = (clock.now(), 0);
                held.take().or(Some(Seen {
                    number,
                    at,
                    timestamp,
                }))
            }
        };
        if let Some(block) = ready
            && !announce(block.number, block.at)
        {
            return Ok(());
        }
    }
}

/// The latest block and logs of later ones. Nodes differ in which they announce first.
#[derive(Default)]
struct Latest {
    block: Option<Seen>,
    /// Logs of blocks that are not announced yet, with their numbers.
    waiting: Vec<(u64, Log)>,
}

impl Latest {
    fn head(&mut self, block: Seen, tell: impl Fn(EarlyLog)) {
        self.block = Some(block);
        for (number, log) in std::mem::take(&mut self.waiting) {
            self.log(number, log, &tell);
        }
    }

    /// Tells a log of the latest block and keeps one of a later. One of an earlier block is left to be read with it.
    fn log(&mut self, number: u64, log: Log, tell: impl Fn(EarlyLog)) {
        match self.block {
            Some(block) if block.number == number => tell(EarlyLog {
                log,
                seen: block.at,
                block_timestamp: block.timestamp,
            }),
            Some(block) if block.number > number => {}
            _ => self.waiting.push((number, log)),
        }
    }
}

/// Whether new blocks are announced at `url`.
pub(super) async fn announces(url: &str) -> bool {
    let connect = tokio_tungstenite::connect_async(url);
    matches!(tokio::time::timeout(SILENCE, connect).await, Ok(Ok(_)))
}

async fn poll(http: &Http, clock: Clock, announce: impl Fn(u64, Micros) -> bool) -> Result<(), RpcError> {
    let mut last = None;
    loop {
        let number = latest_number(http).await?;
        if last.replace(number) != Some(number) && !announce(number, clock.now()) {
            return Ok(());
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn latest_number(http: &Http) -> Result<u64, RpcError> {
    Ok(http.call::<U64>("eth_blockNumber", ()).await?.to())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use alloy::primitives::{Address, Bytes};

    use super::*;

    #[test]
    fn an_urgent_log_is_told_as_seen_with_its_block_whichever_is_announced_first() {
        let told = RefCell::new(Vec::new());
        let tell = |log: EarlyLog| told.borrow_mut().push((log.seen.0, log.block_timestamp));
        let log = || Log {
            address: Address::ZERO,
            topics: Vec::new(),
            data: Bytes::new(),
        };
        let seen = |number, at, timestamp| Seen {
            number,
            at: Micros(at),
            timestamp,
        };
        let mut latest = Latest::default();
        latest.log(7, log(), tell);
        assert!(told.borrow().is_empty());
        latest.head(seen(7, 70, 1007), tell);
        latest.log(7, log(), tell);
        latest.log(8, log(), tell);
        // Late: its block is read by now, or about to be.
        latest.log(6, log(), tell);
        assert_eq!(*told.borrow(), [(70, 1007), (70, 1007)]);
        latest.head(seen(8, 80, 1008), tell);
        assert_eq!(told.borrow().last(), Some(&(80, 1008)));
        // A block that was never announced takes its logs along.
        latest.log(9, log(), tell);
        latest.head(seen(10, 100, 1010), tell);
        assert_eq!(told.borrow().len(), 3);
    }
}

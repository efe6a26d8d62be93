//! Watching the chain: each new block, once, with all its receipts, and a few logs of it before that; and which of them
//! are no longer the chain's.

use std::{collections::VecDeque, time::Duration};

use tokio::{sync::mpsc, task::JoinSet};

use super::{
    Endpoint, RpcError, RunClock,
    blocks::{BlockReader, Reading},
    event::{ChainEvent, Reorg},
    header::BlockId,
    heads::{Heads, Seen},
};
use crate::{
    chain::{LogPriority, REORG_DEPTH},
    time::Micros,
};

/// For what part of the time between blocks, and how long at most, the reading of a block is put off once its priority
/// logs are reported: node and sender have most to do just then.
const REST: u32 = 8;
const LONGEST_REST: Duration = Duration::from_millis(120);
/// How long to wait before a block is asked for again that the node announced and does not have.
const MISSING: Duration = Duration::from_millis(50);
/// How often the latest block is asked for before it counts as lost.
const LATE: u32 = 4;

/// Follows the chain at `endpoint` from the block after `start` on and hands every block to `report`, in order, until
/// the node is lost. New blocks are announced over WebSocket, or found by polling while the endpoint announces none.
///
/// To read a block takes a while. The node announces those logs that are answered at once with the block, and those
/// that are answered soon are read before the rest; both are handed to `report` as they come, and are in their block all
/// the same.
///
/// Blocks that follow another than the one that was reported before them are a reorg: that is reported first, and then the
/// blocks that took the place of those that are gone.
///
/// # Errors
/// Why the node was lost, or which other chain it has now.
pub async fn watch<R>(
    endpoint: &Endpoint,
    start: BlockId,
    mut priority: LogPriority,
    clock: RunClock,
    report: R,
) -> Result<(), RpcError>
where
    R: Fn(ChainEvent) + Clone + Send + Sync + 'static,
{
    let reader = BlockReader::new(&endpoint.http, &endpoint.client, priority.returns);
    if !reader.reports_logs_first() {
        priority.next.clear();
    }
    let chain = Followed::from(start);
    let (unread, announced) = mpsc::unbounded_channel();
    let announce = move |seen| unread.send(seen).is_ok();
    let (http, url) = (endpoint.http.clone(), endpoint.ws.clone());
    let heads = Heads::new(http, url, priority, clock, announce, report.clone());
    // A task of its own: the moment at which a block is seen must not wait for the last one to be read. It ends with
    // this set.
    let mut announcer = JoinSet::new();
    announcer.spawn(heads.run());
    let follower = Follower {
        endpoint,
        reader,
        chain,
        clock,
        report,
    };
    tokio::select! {
        Some(Ok(Err(lost))) = announcer.join_next() => Err(lost),
        lost = follower.follow(announced) => lost,
    }
}

/// The blocks that were reported last, each following the one before it.
#[derive(Debug)]
struct Followed {
    /// The block before the first that was reported.
    start: u64,
    blocks: VecDeque<BlockId>,
}

impl From<BlockId> for Followed {
    fn from(start: BlockId) -> Self {
        Self {
            start: start.number,
            blocks: VecDeque::from([start]),
        }
    }
}

impl Followed {
    /// The latest block. There is always one.
    fn last(&self) -> BlockId {
        self.blocks[self.blocks.len() - 1]
    }

    fn push(&mut self, id: BlockId) {
        self.blocks.push_back(id);
        if self.blocks.len() as u64 > REORG_DEPTH + 1 {
            self.blocks.pop_front();
        }
    }

    /// Whether another block than this one was reported in its place.
    fn contradicts(&self, id: BlockId) -> bool {
        let reported = self.blocks.iter().find(|reported| reported.number == id.number);
        reported.is_some_and(|reported| *reported != id)
    }
}

/// Reads the blocks that are announced, in order.
struct Follower<'a, R> {
    endpoint: &'a Endpoint,
    reader: BlockReader,
    chain: Followed,
    clock: RunClock,
    report: R,
}

impl<R: Fn(ChainEvent)> Follower<'_, R> {
    async fn follow(mut self, mut announced: mpsc::UnboundedReceiver<Seen>) -> Result<(), RpcError> {
        let mut last: Option<Micros> = None;
        while let Some(seen) = announced.recv().await {
            if let (true, Some(last)) = (seen.priority_notified, last.replace(seen.at)) {
                let rest = ((seen.at - last) / REST).min(LONGEST_REST);
                tokio::time::sleep_until(self.clock.instant(seen.at + rest).into()).await;
            }
            if self.is_replaced(seen).await? {
                self.reorg().await?;
            }
            self.read_up_to(seen).await?;
        }
        let url = self.endpoint.http.url();
        Err(RpcError::silent(url, "new blocks are no longer announced"))
    }

    /// Reads every block up to the one that was seen.
    async fn read_up_to(&mut self, seen: Seen) -> Result<(), RpcError> {
        let mut announced = seen.id;
        // What takes the place of a block that was seen is seen later.
        let mut at = seen.at;
        while self.chain.last().number < seen.number {
            let last = self.chain.last();
            let next = last.number + 1;
            let hash = announced.filter(|id| id.number == next).map(|id| id.hash);
            let report = |logs| (self.report)(ChainEvent::Logs(logs));
            match self.reader.read(next, last.hash, hash, at, report).await? {
                Reading::Whole(block, id) => {
                    self.chain.push(id);
                    (self.report)(ChainEvent::Block(block));
                }
                Reading::OtherParent => {
                    self.reorg().await?;
                    at = self.clock.now();
                }
                Reading::Replaced => {
                    // Something of the first block of that number may have been reported already.
                    announced = None;
                    at = self.clock.now();
                    (self.report)(ChainEvent::Reorg(Reorg {
                        last: last.number,
                        depth: 1,
                    }));
                }
                Reading::Missing => {
                    // Taken back since it was announced, or announced by another node than the one that was asked.
                    tokio::time::sleep(MISSING).await;
                    at = self.clock.now();
                    let latest = self.endpoint.latest_block().await?;
                    if self.chain.contradicts(latest) {
                        self.reorg().await?;
                    } else if latest.number <= last.number {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether the block that was seen is not the one that was reported in its place, or the chain has lost its latest one.
    async fn is_replaced(&self, seen: Seen) -> Result<bool, RpcError> {
        let last = self.chain.last();
        if seen.number > last.number {
            return Ok(false);
        }
        if seen.number < last.number {
            // One of several nodes behind an address may only be late.
            for _ in 0..LATE {
                let now = self.reader.header(last.number).await?;
                if now.is_some_and(|header| header.hash == last.hash) {
                    return Ok(false);
                }
                tokio::time::sleep(MISSING).await;
            }
            return Ok(true);
        }
        let id = match seen.id {
            Some(id) => Some(id),
            None => self.reader.header(seen.number).await?.map(|header| BlockId {
                number: seen.number,
                hash: header.hash,
            }),
        };
        Ok(id.is_some_and(|id| self.chain.contradicts(id)))
    }

    /// Goes back to the last block that is still the chain's, and reports it.
    async fn reorg(&mut self) -> Result<(), RpcError> {
        let newest = self.chain.last().number;
        while let Some(id) = self.chain.blocks.back().copied() {
            let now = self.reader.header(id.number).await?;
            if now.is_some_and(|header| header.hash == id.hash) {
                let depth = newest - id.number;
                if depth > 0 {
                    (self.report)(ChainEvent::Reorg(Reorg {
                        last: id.number,
                        depth,
                    }));
                }
                return Ok(());
            }
            if self.chain.blocks.len() == 1 {
                return Err(self.another_chain(id.number).await);
            }
            self.chain.blocks.pop_back();
        }
        Ok(())
    }

    /// The reason why the run cannot go on: the oldest block that is remembered, `oldest`, is gone.
    async fn another_chain(&self, oldest: u64) -> RpcError {
        let (chain_id, genesis) = match self.endpoint.identity().await {
            Ok(answers) => answers,
            Err(error) => return error,
        };
        let what = if chain_id != self.endpoint.chain_id {
            format!("its chain id was {} and is {chain_id}", self.endpoint.chain_id)
        } else if genesis != self.endpoint.genesis {
            "its genesis block changed: it was reset, or restarted without its state".to_owned()
        } else if oldest == self.chain.start {
            format!("block {oldest}, after which the run began, was taken back or replaced")
        } else {
            format!("block {oldest} and more than {REORG_DEPTH} after it were taken back or replaced")
        };
        RpcError::AnotherChain {
            url: self.endpoint.http.url().to_owned(),
            what,
        }
    }
}

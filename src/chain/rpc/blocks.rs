//! Reading a block with what its transactions did, in a few calls whatever their number.

use std::sync::atomic::{AtomicBool, Ordering};

use alloy::primitives::{B256, U64};

use super::{
    Http, RpcError,
    header::{BlockId, Header},
    logs::{self, LogOfBlock, by_transaction},
    receipts,
    retry::Attempts,
    traces,
};
use crate::{
    chain::{Block, BlockLogs, Receipt},
    time::Micros,
};

/// How often a node may give traces that do not add up to a block's gas before receipts are read instead.
const TRACE_ATTEMPTS: u32 = 3;

/// What came of reading a block.
#[derive(Debug)]
pub(super) enum Reading {
    /// It was read.
    Whole(Block, BlockId),
    /// Its parent is not the block that was read before it.
    OtherParent,
    /// Another block has its number now than the one that was announced, or whose logs were handed over.
    Replaced,
    /// The node has no block of that number.
    Missing,
}

/// Reads blocks, by receipts or, where that is cheaper, by logs and traces.
#[derive(Debug)]
pub(super) struct BlockReader {
    http: Http,
    by_traces: AtomicBool,
    /// Whether the node gives all receipts of a block at once, as far as it is known.
    whole_receipts: AtomicBool,
    /// Whether it must be known what every transaction returned. Then no log is handed over before the receipts.
    returns: bool,
}

impl BlockReader {
    /// A reader of the blocks of the node that calls itself `client`, and of what their transactions returned if `returns`.
    ///
    /// Anvil up to 1.7.1 takes time in proportion to the square of a block's transactions to give its receipts: 1 s for
    /// 1,750 and 25 s for 5,400, where its logs and the traces that it keeps take 0.05 s and 0.23 s.
    pub(super) fn new(http: &Http, client: &str, returns: bool) -> Self {
        Self {
            http: http.clone(),
            by_traces: AtomicBool::new(client.starts_with("anvil/")),
            whole_receipts: AtomicBool::new(true),
            returns,
        }
    }

    /// Whether the logs of a block are handed over before the rest of it.
    pub(super) fn reports_logs_first(&self) -> bool {
        self.by_traces.load(Ordering::Relaxed)
    }

    /// Reads block `number`, first seen at `seen`, which follows the block with the hash `parent` and has the hash `announced`, if it was. Where its logs are there
    /// before the rest, they are handed to `report`. What the node says of it is read again as long as it contradicts itself.
    ///
    /// # Errors
    /// Any [`RpcError`] that lasted for all of the node's patience.
    pub(super) async fn read(
        &self,
        number: u64,
        parent: B256,
        announced: Option<B256>,
        seen: Micros,
        report: impl Fn(BlockLogs),
    ) -> Result<Reading, RpcError> {
        let mut attempts = Attempts::within(self.http.patience);
        // The hash of the block whose logs were handed over.
        let mut reported = None;
        loop {
            let (header, logs) = tokio::join!(self.header(number), self.logs_at_once(number));
            let Some(header) = header? else {
                return Ok(if reported.is_some() {
                    Reading::Replaced
                } else {
                    Reading::Missing
                });
            };
            if reported.or(announced).is_some_and(|hash| hash != header.hash) {
                return Ok(Reading::Replaced);
            }
            if header.parent_hash != parent {
                return Ok(Reading::OtherParent);
            }
            let receipts = match logs {
                Some(logs) => {
                    let logs = match logs {
                        Ok(logs) => logs,
                        Err(error) => {
                            self.http.troubles.count("eth_getLogs", &error);
                            logs::logs(&self.http, number).await?
                        }
                    };
                    self.by_traces(&header, logs, seen, &mut reported, &report)
                        .await?
                }
                None if header.transactions.is_empty() => Ok(Vec::new()),
                None => receipts::receipts(&self.http, &header, &self.whole_receipts, self.returns).await?,
            };
            let doubt = match receipts {
                Ok(receipts) => {
                    let id = BlockId {
                        number,
                        hash: header.hash,
                    };
                    return Ok(Reading::Whole(header.block(seen, receipts), id));
                }
                Err(doubt) => doubt,
            };
            if self.reports_logs_first() && reported.is_some() && attempts.made() + 1 >= TRACE_ATTEMPTS {
                tracing::debug!("{doubt} in block {number}: reading receipts instead of traces");
                self.by_traces.store(false, Ordering::Relaxed);
                continue;
            }
            let error = RpcError::Contradiction {
                url: self.http.url().to_owned(),
                number,
                what: doubt,
            };
            self.http.troubles.count("a block", &error);
            attempts.pause(error).await?;
        }
    }

    /// All logs of block `number`, if there is one; `None` where it is read by receipts, which hold them.
    async fn logs_at_once(&self, number: u64) -> Option<Result<Vec<LogOfBlock>, RpcError>> {
        if !self.reports_logs_first() {
            return None;
        }
        Some(logs::logs_at_once(&self.http, number).await)
    }

    /// What the transactions of the block of `header` did by its logs and traces, or why these cannot be true.
    async fn by_traces(
        &self,
        header: &Header,
        logs: Vec<LogOfBlock>,
        seen: Micros,
        reported: &mut Option<B256>,
        report: impl Fn(BlockLogs),
    ) -> Result<Result<Vec<Receipt>, String>, RpcError> {
        if let Some(doubt) = logs::doubt(header, &logs) {
            return Ok(Err(doubt));
        }
        let logs = by_transaction(logs);
        if reported.replace(header.hash).is_none() && !self.returns {
            report(BlockLogs {
                number: header.number.to(),
                timestamp: header.timestamp.to(),
                seen,
                transactions: logs.clone(),
            });
        }
        let traces = traces::traces(&self.http, &header.transactions).await?;
        let receipts = traces.and_then(|traces| traces::receipts(header, logs, traces));
        Ok(receipts.ok_or_else(|| "its traces do not add up to its gas".to_owned()))
    }

    /// The header of block `number`; `None` if the node has none.
    pub(super) async fn header(&self, number: u64) -> Result<Option<Header>, RpcError> {
        let method = "eth_getBlockByNumber";
        self.http.read(method, (U64::from(number), false)).await
    }
}
